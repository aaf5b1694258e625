using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>(positions, headSize / 2) {cos, sin} of every position's turns, on the device: singles, as transformers computes them.</summary>
internal sealed unsafe class RopeTurns : IDisposable
{
    private readonly DeviceBuffer memory;

    public RopeTurns(ModelConfig model, int positions, CudaStream stream)
    {
        var frequencies = model.Rope.InverseFrequencies(model.HeadSize);
        var bytes = (long)positions * frequencies.Length * 2 * sizeof(float);
        using var staging = new PinnedBuffer(bytes);
        var table = (float*)staging.Pointer;
        Parallel.For(0, positions, position =>
        {
            var row = table + (long)position * frequencies.Length * 2;
            for (var i = 0; i < frequencies.Length; i++) (row[2 * i + 1], row[2 * i]) = MathF.SinCos(position * frequencies[i]);
        });
        memory = new DeviceBuffer(bytes);
        memory.Upload(table, bytes, stream);
        stream.Synchronize();
    }

    public ulong Pointer => memory.Pointer;

    public void Dispose() => memory.Dispose();
}
