namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// Y = X W^T (+ bias) by cuBLASLt, for one lane. A product's algorithm is settled at its first run and kept; the library is never asked
/// while a graph is captured.
/// </summary>
internal sealed class BlasMatMul(nint library, ulong workspace, TimedAlgorithms? timed) : IDisposable
{
    private readonly Dictionary<Product, MatMulRecipe> recipes = [];

    /// <param name="wide">Y is f32 instead of bf16.</param>
    public void Run(CudaStream stream, in DeviceMatrix w, ulong x, ulong y, int rows, bool wide)
    {
        var product = new Product(Product.PaddedRows(rows), w.Outputs, w.Inputs, wide, w.Bias != 0);
        if (!recipes.TryGetValue(product, out var recipe)) recipes[product] = recipe = new MatMulRecipe(library, product, timed?.Find(product.AsTimed()));
        recipe.Run(stream, w.Weight, w.Bias, x, y, workspace);
    }

    public void Dispose()
    {
        foreach (var recipe in recipes.Values) recipe.Dispose();
    }
}
