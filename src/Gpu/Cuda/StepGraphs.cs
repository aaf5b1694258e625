namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// CUDA graphs of a lane's decode steps, one a shape. A shape's first step runs plainly, which also fixes the matrix products' algorithms;
/// its second is captured. A capture can hold the device up for 30 ms, so the usual shapes are captured before the first request.
/// </summary>
internal sealed class StepGraphs(Forward forward, CudaStream stream, ulong inputs) : IDisposable
{
    private readonly Dictionary<StepShape, CudaGraph?> graphs = [];

    /// <returns>False when the shape's graph was not there yet.</returns>
    public bool Launch(in StepShape shape)
    {
        if (!graphs.TryGetValue(shape, out var graph))
        {
            graphs.Add(shape, null);
            forward.Launch(shape, inputs);
            return false;
        }
        var captured = graph is not null;
        graph ??= graphs[shape] = Capture(shape);
        graph.Launch(stream);
        return captured;
    }

    /// <summary>Captures a shape before its first step. All algorithms of its products are settled, and its kernels loaded.</summary>
    public void Prepare(in StepShape shape)
    {
        var graph = graphs[shape] = Capture(shape);
        graph.Upload(stream);
    }

    public void Dispose()
    {
        foreach (var graph in graphs.Values) graph?.Dispose();
    }

    private CudaGraph Capture(StepShape shape)
    {
        var of = shape;
        return CudaGraph.Capture(stream, () => forward.Launch(of, inputs));
    }
}
