namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// Y = X W^T (+ bias) by cuBLASLt, for one lane. A product's algorithm is settled at its first run and kept; the library is never asked
/// while a graph is captured.
/// </summary>
/// <param name="invariant">
/// Products are computed in pieces of a fixed number of rows, each output summed in one place and order: a weight matrix then has one algorithm,
/// whatever the number of rows.
/// </param>
/// <param name="processors">Multiprocessors that the lane's stream has; 0 for the whole device, and invariant products are the same on any.</param>
internal sealed class BlasMatMul(nint library, ulong workspace, TimedAlgorithms? timed, bool invariant = false, int processors = 0) : IDisposable
{
    /// <summary>Of an invariant piece. Few rows cost as much as these, which is little more than the weights' traffic.</summary>
    public const int InvariantRows = Arena.RowPadding;

    private readonly Dictionary<Product, MatMulRecipe> recipes = [];

    /// <summary>Products whose algorithm is settled.</summary>
    public int Settled => recipes.Count;

    /// <param name="wide">Y is f32 instead of bf16.</param>
    public void Run(CudaStream stream, in DeviceMatrix w, ulong x, ulong y, int rows, bool wide)
    {
        var recipe = RecipeFor(w, rows, wide);
        if (!invariant)
        {
            recipe.Run(stream, w.Weight, w.Bias, x, y, workspace);
            return;
        }
        for (var first = 0; first < rows; first += InvariantRows)
            recipe.Run(stream, w.Weight, w.Bias, x + 2UL * (ulong)first * (ulong)w.Inputs, y + (wide ? 4UL : 2UL) * (ulong)first * (ulong)w.Outputs, workspace);
    }

    /// <summary>
    /// Settles the algorithms of a matrix's products of up to so many rows, and runs those once that algorithms are timed at: the driver loads a kernel
    /// when it is first launched, which is not to happen between the tokens of a request.
    /// </summary>
    public void Settle(CudaStream stream, in DeviceMatrix w, ulong x, ulong y, int most, bool wide)
    {
        if (invariant) most = 1;        // all are the same product
        foreach (var rows in Product.PaddedRowsOfUpTo(most)) RecipeFor(w, rows, wide);
        foreach (var rows in Product.TimedRows(most, share: processors > 0).Append(most)) Run(stream, w, x, y, rows, wide);
    }

    /// <summary>How the product is computed, settled with the first call.</summary>
    private MatMulRecipe RecipeFor(in DeviceMatrix w, int rows, bool wide)
    {
        var product = new Product(invariant ? InvariantRows : Product.PaddedRows(rows), w.Outputs, w.Inputs, wide, w.Bias != 0, invariant ? 0 : processors);
        if (recipes.TryGetValue(product, out var recipe)) return recipe;
        return recipes[product] = Choose(product);
    }

    private MatMulRecipe Choose(Product product) =>
        invariant ? MatMulRecipe.Unsplit(library, product) : new MatMulRecipe(library, product, timed?.Find(product.AsTimed()));

    public void Dispose()
    {
        foreach (var recipe in recipes.Values) recipe.Dispose();
    }
}
