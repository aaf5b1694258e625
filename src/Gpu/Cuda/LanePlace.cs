namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// Where a lane's steps run: a stream on the whole device, or on a share of its multiprocessors, with all that is made for their number:
/// algorithms of matrix products, the split of decode's keys, the graphs. A graph runs where the stream is that it was captured on.
/// </summary>
internal sealed class LanePlace : IDisposable
{
    private const int DecodePriority = -5, PrefillPriority = 0;      // decode goes first where both have blocks to run

    /// <summary>On a share, every so many steps, its multiprocessors are read back.</summary>
    private const int SampleEvery = 1024;

    /// <summary>Graphs of longer contexts are captured when they come.</summary>
    private const int UsualKeys = 8192;

    private readonly CudaRunnerOptions options;
    private readonly BlasMatMul blas;
    private readonly Forward forward;
    private readonly DecodeStep? whole;
    private readonly int usualKeys;
    private StepGraphs graphs;
    private bool prepared;
    private int steps;

    /// <param name="share">Null for the whole device.</param>
    /// <param name="witness">The kernel of SmIds.cu; not needed for the whole device.</param>
    public LanePlace(Lane lane, ModelOnDevice on, Arena arena, ulong inputs, GreenContext? share = null, CudaKernel? witness = null)
    {
        options = on.Options;
        usualKeys = Math.Min(UsualKeys, options.ModelLength(on.Model));
        var priority = lane == Lane.Decode ? DecodePriority : PrefillPriority;
        Stream = share is null ? new CudaStream(priority) : new CudaStream(share, priority);
        Processors = share?.SmCount ?? on.Context.Device.SmCount;
        if (share is not null) Witness = new SmWitness(witness!, Stream, Processors);
        blas = new BlasMatMul(on.Blas, arena.Workspace, on.Timed, options.BatchInvariant, share is null ? 0 : Processors);
        // All of its blocks wait for each other, one on each multiprocessor of the device: not for a share.
        if (share is null && on.Kernels.WholeStep is { } kernel && options is { WholeSteps: true, BatchInvariant: false })
            whole = new DecodeStep(on.Model, on.Weights, on.Pages, on.Turns!.Pointer, kernel, Processors, Stream);
        forward = new Forward(on.Model, on.Weights, on.Pages, on.Turns?.Pointer ?? 0, on.Kernels, new MatMul(on.Kernels, blas, Processors, options.BatchInvariant), whole, arena, Stream);
        Measure = new StepMeasure(on.Model, options, on.Pages.Count, Processors);
        graphs = new StepGraphs(forward, Stream, inputs);
    }

    public CudaStream Stream { get; }

    public int Processors { get; }

    public StepMeasure Measure { get; }

    /// <summary>Not the whole device.</summary>
    public bool IsShare => Witness is not null;

    /// <summary>Of a share.</summary>
    public SmWitness? Witness { get; }

    /// <summary>A step of these rows may be one kernel here.</summary>
    public bool MayBeWhole(in StepShape shape) => whole is not null && shape.IsDecode && shape.Tokens <= DecodeStep.MostRows;

    /// <summary>The share's multiprocessors are to be read back with this step.</summary>
    public bool SamplesNow => Witness is not null && steps % SampleEvery == 1;

    /// <inheritdoc cref="BlasMatMul.Settle(CudaStream, in DeviceMatrix, ulong, ulong, int, bool)"/>
    public void Settle(in DeviceMatrix w, ulong x, ulong y, int most, bool wide) => blas.Settle(Stream, w, x, y, most, wide);

    /// <summary>Captures the usual decode steps. Products are settled.</summary>
    public void Prepare()
    {
        if (!options.Graphs) return;
        prepared = true;
        foreach (var shape in Measure.DecodeShapes(usualKeys))
            if (!MayBeWhole(shape)) graphs.Prepare(shape);
    }

    /// <returns>False when it also did what is done once: its time tells nothing of the next.</returns>
    public bool Launch(in StepShape shape, ulong inputs)
    {
        steps++;
        var settled = blas.Settled;
        var replayed = true;
        if (options.Graphs && shape.IsDecode) replayed = graphs.Launch(shape);
        else forward.Launch(shape, inputs);
        return replayed && blas.Settled == settled;
    }

    /// <summary>The inputs have moved. No step may be under way.</summary>
    public void Rebuild(ulong inputs)
    {
        graphs.Dispose();
        graphs = new StepGraphs(forward, Stream, inputs);
        if (prepared) Prepare();
    }

    public void Dispose()
    {
        graphs.Dispose();
        whole?.Dispose();
        blas.Dispose();
        Witness?.Dispose();
        Stream.Dispose();
    }
}
