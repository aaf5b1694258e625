using System.Runtime.InteropServices;
using System.Text.Json;

namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// Which of cuBLASLt's algorithms was the fastest for each product, timed once on this card and remembered in a file. The caches are swept
/// before each timing: in a model a product's weights were read last one step ago.
/// </summary>
internal sealed class TimedAlgorithms
{
    private const int Candidates = 12, Repeats = 4;
    private const int ShareCandidates = 6, ShareRepeats = 3;    // there are many shares
    private const long SweepBytes = 128 << 20;

    private readonly string path;
    private readonly Dictionary<Product, MatmulAlgorithm> best = [];

    /// <param name="folder">The cache folder; a file of another card or library version is another file.</param>
    public TimedAlgorithms(CudaDevice device, string folder)
    {
        var card = string.Concat(device.Name.Select(c => char.IsLetterOrDigit(c) ? c : '-'));
        path = Path.Combine(folder, $"products-{card}-{CublasLt.cublasLtGetVersion()}.json");
        foreach (var entry in Read(path)) best[entry.Product] = entry.Algorithm;
    }

    public MatmulAlgorithm? Find(Product product) => best.TryGetValue(product, out var algorithm) ? algorithm : null;

    /// <summary>Times what is not known yet and writes the file.</summary>
    /// <param name="products">What to time, each with a matrix of its kind and room for its result.</param>
    /// <param name="x">(most rows, most inputs) any numbers.</param>
    public void Complete(nint library, IEnumerable<(Product Product, DeviceMatrix Matrix, ulong Y)> products, ulong x, ulong workspace, CudaStream stream)
    {
        var missing = products.DistinctBy(entry => entry.Product).Where(entry => !best.ContainsKey(entry.Product)).ToArray();
        if (missing.Length == 0) return;
        using var sweep = new DeviceBuffer(SweepBytes);
        foreach (var (product, matrix, y) in missing)
        {
            using var recipe = new MatMulRecipe(library, product, null);
            var (candidates, repeats) = product.Processors == 0 ? (Candidates, Repeats) : (ShareCandidates, ShareRepeats);
            best[product] = Fastest(recipe, candidates, repeats, stream, sweep, () => recipe.Run(stream, matrix.Weight, matrix.Bias, x, y, workspace));
        }
        Write();
    }

    private static MatmulAlgorithm Fastest(MatMulRecipe recipe, int candidates, int repeats, CudaStream stream, DeviceBuffer sweep, Action run)
    {
        using var start = new CudaEvent(timed: true);
        using var end = new CudaEvent(timed: true);
        var (best, fastest) = (default(MatmulAlgorithm), TimeSpan.MaxValue);
        foreach (var candidate in recipe.Candidates(candidates))
        {
            recipe.Use(candidate);
            for (var repeat = 0; repeat < repeats; repeat++)
            {
                sweep.Fill(0, stream);
                start.Record(stream);
                run();
                end.Record(stream);
                end.Wait();
                if (end.Since(start) is var time && time < fastest) (best, fastest) = (candidate, time);
            }
        }
        return best;
    }

    private static (Product Product, MatmulAlgorithm Algorithm)[] Read(string path)
    {
        try
        {
            return [.. JsonSerializer.Deserialize<Entry[]>(File.ReadAllBytes(path))!.Select(entry => (entry.Product, entry.ToAlgorithm()))];
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException or NullReferenceException or ArgumentException)
        {
            return [];      // absent or damaged: timed anew
        }
    }

    private void Write()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var temporary = $"{path}.{Guid.NewGuid():N}";
            File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(best.Select(pair => Entry.Of(pair.Key, pair.Value))));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A cache that can't be written is no error.
        }
    }

    private sealed record Entry(Product Product, ulong[] Words)
    {
        public static Entry Of(Product product, MatmulAlgorithm algorithm) =>
            new(product, MemoryMarshal.Cast<MatmulAlgorithm, ulong>(new ReadOnlySpan<MatmulAlgorithm>(in algorithm)).ToArray());

        public MatmulAlgorithm ToAlgorithm() => Words.Length == 8 ? MemoryMarshal.Cast<ulong, MatmulAlgorithm>(Words)[0] : throw new ArgumentException("Not an algorithm.");
    }
}
