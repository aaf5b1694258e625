namespace Splitwiser.Gpu.Cuda;

/// <summary>
/// How cuBLASLt computes one product: descriptions, layouts, algorithm. The library sees column-major matrices: A = W (k, n) transposed,
/// B = X (k, rows), D (n, rows).
/// </summary>
internal sealed unsafe class MatMulRecipe : IDisposable
{
    private const int Transposed = 1, BiasEpilogue = 4;

    private readonly nint library, description, a, b, d;
    private readonly Product product;
    private readonly nuint workspaceBytes;
    private MatmulAlgorithm algorithm;

    /// <param name="remembered">Timed before; ignored when the library refuses it for this product.</param>
    public MatMulRecipe(nint library, Product product, MatmulAlgorithm? remembered) : this(library, product, (nuint)Arena.WorkspaceBytes) =>
        algorithm = remembered is { } known && Accepts(known) ? known : Candidates(1)[0];

    private MatMulRecipe(nint library, Product product, nuint workspaceBytes)
    {
        (this.library, this.product, this.workspaceBytes) = (library, product, workspaceBytes);
        CublasLt.Check(CublasLt.cublasLtMatmulDescCreate(out description, CublasLt.Compute32F, CublasLt.Float32));
        Set(MatmulAttribute.TransposeA, Transposed);
        if (product.Processors > 0) Set(MatmulAttribute.SmCountTarget, product.Processors);
        if (product.Biased)
        {
            Set(MatmulAttribute.Epilogue, BiasEpilogue);
            SetBias(256);      // only its alignment counts until the first run
        }
        CublasLt.Check(CublasLt.cublasLtMatrixLayoutCreate(out a, CublasLt.BFloat16, (ulong)product.Inputs, (ulong)product.Outputs, product.Inputs));
        CublasLt.Check(CublasLt.cublasLtMatrixLayoutCreate(out b, CublasLt.BFloat16, (ulong)product.Inputs, (ulong)product.Rows, product.Inputs));
        CublasLt.Check(CublasLt.cublasLtMatrixLayoutCreate(out d, product.Wide ? CublasLt.Float32 : CublasLt.BFloat16, (ulong)product.Outputs, (ulong)product.Rows, product.Outputs));
    }

    /// <summary>A recipe that sums each output in one place and in one order: without split sums, and without the workspace that they need.</summary>
    public static MatMulRecipe Unsplit(nint library, Product product)
    {
        var recipe = new MatMulRecipe(library, product, workspaceBytes: 0);
        recipe.algorithm = recipe.Candidates(1)[0];
        return recipe;
    }

    /// <summary>The algorithms that the library suggests, its first choice first.</summary>
    public MatmulAlgorithm[] Candidates(int most)
    {
        CublasLt.Check(CublasLt.cublasLtMatmulPreferenceCreate(out var preference));
        var bytes = workspaceBytes;
        CublasLt.Check(CublasLt.cublasLtMatmulPreferenceSetAttribute(preference, CublasLt.PreferenceMaxWorkspaceBytes, &bytes, (nuint)sizeof(nuint)));
        if (workspaceBytes == 0)
        {
            uint none = 0;
            CublasLt.Check(CublasLt.cublasLtMatmulPreferenceSetAttribute(preference, CublasLt.PreferenceReductionSchemes, &none, sizeof(uint)));
        }
        var found = new MatmulHeuristic[most];
        int count;
        fixed (MatmulHeuristic* results = found)
            CublasLt.Check(CublasLt.cublasLtMatmulAlgoGetHeuristic(library, description, a, b, d, d, preference, most, results, out count), $"heuristic for {product}");
        CublasLt.Check(CublasLt.cublasLtMatmulPreferenceDestroy(preference));
        return count > 0 ? [.. found.Take(count).Select(result => result.Algorithm)] : throw new NotSupportedException($"cuBLASLt has no algorithm for {product}.");
    }

    public void Use(MatmulAlgorithm chosen) => algorithm = chosen;

    public void Run(CudaStream stream, ulong weight, ulong bias, ulong x, ulong y, ulong workspace)
    {
        if (product.Biased) SetBias(bias);
        float one = 1, zero = 0;
        fixed (MatmulAlgorithm* chosen = &algorithm)
            CublasLt.Check(CublasLt.cublasLtMatmul(library, description, &one, weight, a, x, b, &zero, y, d, y, d, chosen, workspace, workspaceBytes, stream.Handle));
    }

    public void Dispose()
    {
        _ = CublasLt.cublasLtMatrixLayoutDestroy(a);
        _ = CublasLt.cublasLtMatrixLayoutDestroy(b);
        _ = CublasLt.cublasLtMatrixLayoutDestroy(d);
        _ = CublasLt.cublasLtMatmulDescDestroy(description);
    }

    private bool Accepts(MatmulAlgorithm known)
    {
        MatmulHeuristic result;
        return CublasLt.cublasLtMatmulAlgoCheck(library, description, a, b, d, d, &known, &result) == 0 && result.WorkspaceBytes <= workspaceBytes;
    }

    private void SetBias(ulong pointer) => CublasLt.Check(CublasLt.cublasLtMatmulDescSetAttribute(description, MatmulAttribute.BiasPointer, &pointer, sizeof(ulong)));

    private void Set(MatmulAttribute attribute, int value) => CublasLt.Check(CublasLt.cublasLtMatmulDescSetAttribute(description, attribute, &value, sizeof(int)));
}
