namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// Sees which multiprocessors a stream's work runs on, read back from the device: at the start by many blocks, launched plainly and from a
/// graph, and later by a few in the middle of the work. One look at a time.
/// </summary>
internal sealed class SmWitness : IDisposable
{
    private const int BlocksEach = 8, Threads = 1024;
    private const long Stay = 20_000;       // cycles, about 10 us

    private readonly CudaKernel kernel;
    private readonly CudaStream stream;
    private readonly DeviceBuffer ids;
    private readonly PinnedBuffer read;
    private readonly int blocks;
    private readonly CudaGraph? graph;

    /// <param name="kernel">Of SmIds.cu.</param>
    /// <param name="processors">That the stream is said to have.</param>
    public SmWitness(CudaKernel kernel, CudaStream stream, int processors)
    {
        (this.kernel, this.stream) = (kernel, stream);
        blocks = BlocksEach * processors;
        ids = new DeviceBuffer(blocks * sizeof(uint));
        read = new PinnedBuffer(ids.Bytes);
        Seen = Look(replayed: false);
        graph = CudaGraph.Capture(stream, Launch);
        Replayed = Look(replayed: true);
    }

    /// <summary>The multiprocessors that ran blocks at the start.</summary>
    public SmSet Seen { get; }

    /// <summary>The same, of a graph that was captured on the stream.</summary>
    public SmSet Replayed { get; }

    /// <summary>The same when another stream launches the graph.</summary>
    public SmSet ReplayOn(CudaStream other)
    {
        stream.Synchronize();
        ids.Fill(0xFF, other);
        graph!.Launch(other);
        other.Synchronize();
        ReadBack();
        stream.Synchronize();
        return SmSet.Of(read.As<uint>(0, blocks));
    }

    /// <summary>Looks again in stream order; <see cref="CheckSample"/> may follow once the stream is past it.</summary>
    public void Sample()
    {
        graph!.Launch(stream);
        ReadBack();
    }

    /// <summary>Throws when a sampled block ran elsewhere.</summary>
    public void CheckSample()
    {
        foreach (var id in read.As<uint>(0, blocks))
            if (!Seen.Contains((int)id)) throw new InvalidOperationException($"A stream of multiprocessors {Seen} ran a block on {id}.");
    }

    public void Dispose()
    {
        graph?.Dispose();
        ids.Dispose();
        read.Dispose();
    }

    private SmSet Look(bool replayed)
    {
        ids.Fill(0xFF, stream);
        if (replayed) graph!.Launch(stream);
        else Launch();
        ReadBack();
        stream.Synchronize();
        return SmSet.Of(read.As<uint>(0, blocks));
    }

    private void Launch() => kernel.Launch(stream, new Grid(blocks), Threads, new SmIdsParams(ids.Pointer, Stay));

    private unsafe void ReadBack() => ids.Download(read.Pointer, ids.Bytes, stream);
}
