namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// Y = X W^T (+ bias) by cuBLASLt, for one lane. The library sees column-major matrices: A = W (k, n) transposed, B = X (k, rows), D (n, rows).
/// A product's algorithm is chosen at its first run and kept; the library is never asked while a graph is captured.
/// </summary>
internal sealed unsafe class BlasMatMul(nint library, ulong workspace, long workspaceBytes) : IDisposable
{
    private readonly Dictionary<Product, Recipe> recipes = [];

    /// <summary>Products run with this many rows at least; the ones past the last are computed and not read.</summary>
    public static int PaddedRows(int rows) => rows <= 64 ? (rows + 15) / 16 * 16 : rows <= 1024 ? (rows + 63) / 64 * 64 : (rows + 127) / 128 * 128;

    /// <param name="wide">Y is f32 instead of bf16.</param>
    public void Run(CudaStream stream, in DeviceMatrix w, ulong x, ulong y, int rows, bool wide)
    {
        var product = new Product(PaddedRows(rows), w.Outputs, w.Inputs, wide, w.Bias != 0);
        if (!recipes.TryGetValue(product, out var recipe)) recipes[product] = recipe = new Recipe(library, product, workspaceBytes);
        recipe.Run(library, stream, w, x, y, workspace, workspaceBytes);
    }

    public void Dispose()
    {
        foreach (var recipe in recipes.Values) recipe.Dispose();
    }

    private readonly record struct Product(int Rows, int Outputs, int Inputs, bool Wide, bool Biased);

    private sealed class Recipe : IDisposable
    {
        private const int Transposed = 1, BiasEpilogue = 4;

        private readonly nint description, a, b, d;
        private MatmulAlgorithm algorithm;

        public Recipe(nint library, Product product, long workspaceBytes)
        {
            CublasLt.Check(CublasLt.cublasLtMatmulDescCreate(out description, CublasLt.Compute32F, CublasLt.Float32));
            Set(MatmulAttribute.TransposeA, Transposed);
            if (product.Biased)
            {
                Set(MatmulAttribute.Epilogue, BiasEpilogue);
                var placeholder = 256ul;      // the heuristic reads its alignment
                CublasLt.Check(CublasLt.cublasLtMatmulDescSetAttribute(description, MatmulAttribute.BiasPointer, &placeholder, sizeof(ulong)));
            }
            CublasLt.Check(CublasLt.cublasLtMatrixLayoutCreate(out a, CublasLt.BFloat16, (ulong)product.Inputs, (ulong)product.Outputs, product.Inputs));
            CublasLt.Check(CublasLt.cublasLtMatrixLayoutCreate(out b, CublasLt.BFloat16, (ulong)product.Inputs, (ulong)product.Rows, product.Inputs));
            CublasLt.Check(CublasLt.cublasLtMatrixLayoutCreate(out d, product.Wide ? CublasLt.Float32 : CublasLt.BFloat16, (ulong)product.Outputs, (ulong)product.Rows, product.Outputs));
            CublasLt.Check(CublasLt.cublasLtMatmulPreferenceCreate(out var preference));
            var bytes = (nuint)workspaceBytes;
            CublasLt.Check(CublasLt.cublasLtMatmulPreferenceSetAttribute(preference, CublasLt.PreferenceMaxWorkspaceBytes, &bytes, (nuint)sizeof(nuint)));
            MatmulHeuristic best;
            CublasLt.Check(CublasLt.cublasLtMatmulAlgoGetHeuristic(library, description, a, b, d, d, preference, 1, &best, out var found), $"heuristic for {product}");
            CublasLt.Check(CublasLt.cublasLtMatmulPreferenceDestroy(preference));
            if (found == 0) throw new NotSupportedException($"cuBLASLt has no algorithm for {product}.");
            algorithm = best.Algorithm;
        }

        public void Run(nint library, CudaStream stream, in DeviceMatrix w, ulong x, ulong y, ulong workspace, long workspaceBytes)
        {
            if (w.Bias != 0)
            {
                var bias = w.Bias;
                CublasLt.Check(CublasLt.cublasLtMatmulDescSetAttribute(description, MatmulAttribute.BiasPointer, &bias, sizeof(ulong)));
            }
            float one = 1, zero = 0;
            fixed (MatmulAlgorithm* chosen = &algorithm)
                CublasLt.Check(CublasLt.cublasLtMatmul(library, description, &one, w.Weight, a, x, b, &zero, y, d, y, d, chosen, workspace, (nuint)workspaceBytes, stream.Handle));
        }

        public void Dispose()
        {
            _ = CublasLt.cublasLtMatrixLayoutDestroy(a);
            _ = CublasLt.cublasLtMatrixLayoutDestroy(b);
            _ = CublasLt.cublasLtMatrixLayoutDestroy(d);
            _ = CublasLt.cublasLtMatmulDescDestroy(description);
        }

        private void Set(MatmulAttribute attribute, int value) =>
            CublasLt.Check(CublasLt.cublasLtMatmulDescSetAttribute(description, attribute, &value, sizeof(int)));
    }
}
