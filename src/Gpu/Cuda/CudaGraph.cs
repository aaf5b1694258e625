using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>Recorded device work that one call launches again.</summary>
internal sealed class CudaGraph : SafeHandle
{
    private const int ThreadLocal = 1;      // other threads may go on calling

    private CudaGraph(nint executable) : base(0, ownsHandle: true) => SetHandle(executable);

    public override bool IsInvalid => handle == 0;

    /// <param name="record">Queues work on the stream; none of it runs now.</param>
    public static CudaGraph Capture(CudaStream stream, Action record)
    {
        Cuda.Check(CudaDriver.cuStreamBeginCapture_v2(stream.Handle, ThreadLocal));
        nint graph;
        try
        {
            record();
        }
        catch
        {
            if (CudaDriver.cuStreamEndCapture(stream.Handle, out graph) == CudaResult.Success) _ = CudaDriver.cuGraphDestroy(graph);
            throw;
        }
        Cuda.Check(CudaDriver.cuStreamEndCapture(stream.Handle, out graph));
        try
        {
            Cuda.Check(CudaDriver.cuGraphInstantiateWithFlags(out var executable, graph, 0));
            return new CudaGraph(executable);
        }
        finally
        {
            _ = CudaDriver.cuGraphDestroy(graph);
        }
    }

    public void Launch(CudaStream stream) => Cuda.Check(CudaDriver.cuGraphLaunch(handle, stream.Handle));

    /// <summary>Brings it to the device, which the first launch would do otherwise.</summary>
    public void Upload(CudaStream stream) => Cuda.Check(CudaDriver.cuGraphUpload(handle, stream.Handle));

    protected override bool ReleaseHandle() => CudaDriver.cuGraphExecDestroy(handle) == CudaResult.Success;
}
