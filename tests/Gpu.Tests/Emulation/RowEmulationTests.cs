using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Tests.Emulation;

/// <summary>The kernels that work row by row, and the reader of matrices, on the CPU against the CPU runner's operations on random shapes.</summary>
public sealed unsafe class RowEmulationTests
{
    [Theory]
    [InlineData(false), InlineData(true)]
    public void Norms_are_the_cpu_runners(bool centres)
    {
        var kernel = centres ? HostKernel.Of("LayerNorm.cu", "layer_norm") : HostKernel.Of("RmsNorm.cu", "rms_norm");
        for (var order = 0; order < HostKernel.Orders; order++)
        {
            var numbers = new Numbers();
            var (rows, dim) = (1 + numbers.Next(6), 8 * (1 + numbers.Next(600)));
            var (x, weight, bias) = (numbers.Bf16s(rows * dim, 2, 0.3f), numbers.Bf16s(dim, 0.3f, 1), numbers.Bf16s(dim));
            using var hostX = new HostArray<ushort>(x);
            using var hostWeight = new HostArray<ushort>(weight);
            using var hostBias = new HostArray<ushort>(bias);
            using var y = new HostArray<ushort>(rows * dim);
            using var twin = new CpuTwin();
            var expected = twin.Room(rows * dim);
            if (centres)
            {
                kernel.Run(new Grid(rows), 256, new LayerNormParams(hostX.Pointer, 0, hostWeight.Pointer, hostBias.Pointer, y.Pointer, 0, dim, 1e-5f), order).ShouldBeNull();
                CpuTwin.Run(new LayerNorm { X = twin.Floats(x), Y = expected, Weight = twin.Floats(weight), Bias = twin.Floats(bias), Rows = rows, Dim = dim, Epsilon = 1e-5f });
            }
            else
            {
                kernel.Run(new Grid(rows), 256, new RmsNormParams(hostX.Pointer, 0, hostWeight.Pointer, y.Pointer, 0, dim, 1e-5f), order).ShouldBeNull();
                CpuTwin.Run(new RmsNorm { X = twin.Floats(x), XStride = dim, Y = expected, YStride = dim, Weight = twin.Floats(weight), Rows = rows, Dim = dim, Epsilon = 1e-5f });
            }
            numbers.ShouldBeClose(y.Span.ToArray(), CpuTwin.Doubles(expected, rows * dim));
        }
    }

    [Fact]
    public void Activations_are_the_cpu_runners()
    {
        Check<Silu>(Activation.Silu);
        Check<GeluTanh>(Activation.GeluTanh);
        Check<Gelu>(Activation.Gelu);
        Check<Relu>(Activation.Relu);

        static void Check<TFunction>(Activation function) where TFunction : struct, IActivationFunction
        {
            var gated = (int)function % 2;
            var numbers = new Numbers();
            var (rows, dim) = (1 + numbers.Next(4), 8 * (1 + numbers.Next(400)));
            var x = numbers.Bf16s(rows * dim * (1 + gated), 2);
            using var hostX = new HostArray<ushort>(x);
            using var y = new HostArray<ushort>(rows * dim);
            HostKernel.Of("Activate.cu", "activate", $"FUNCTION={(int)function} GATED={gated}")
                .Run(new Grid((dim / 8 + 255) / 256, rows), 256, new ActivateParams(hostX.Pointer, y.Pointer, dim), 0).ShouldBeNull();
            using var twin = new CpuTwin();
            var expected = twin.Room(rows * dim);
            CpuTwin.Run(new Activate<TFunction> { X = twin.Floats(x), Y = expected, Rows = rows, Dim = dim, Gated = gated > 0 });
            numbers.ShouldBeClose(y.Span.ToArray(), CpuTwin.Doubles(expected, rows * dim));
        }
    }

    [Theory]
    [InlineData(16, 16), InlineData(128, 96), InlineData(80, 0)]
    public void Rope_and_pages_are_the_cpu_runners(int headSize, int rotarySize)
    {
        var kernel = HostKernel.Of("RopeAndPages.cu", "rope_and_pages", $"HEAD_SIZE={headSize} ROTARY_SIZE={rotarySize}");
        for (var order = 0; order < HostKernel.Orders; order++)
        {
            var numbers = new Numbers();
            var (heads, kvHeads, normed) = (1 + numbers.Next(4), 1 + numbers.Next(3), rotarySize == headSize && order % 2 == 0);
            var all = heads + 2 * kvHeads;
            int[] positions = [0, numbers.Next(100), 100 + numbers.Next(100)];
            int[] places = [5, 64, 33];
            var (qkv, queryNorm, keyNorm) = (numbers.Bf16s(3 * all * headSize), numbers.Bf16s(headSize, 0.2f, 1), numbers.Bf16s(headSize, 0.2f, 1));
            var angles = new float[3 * Math.Max(1, rotarySize)];
            for (var i = 0; i < 3 * rotarySize / 2; i++)
                (angles[2 * i + 1], angles[2 * i]) = MathF.SinCos(positions[i / (rotarySize / 2)] * MathF.Pow(10000, -2f * (i % (rotarySize / 2)) / rotarySize));
            using var hostQkv = new HostArray<ushort>(qkv);
            using var turns = new HostArray<float>(angles);
            using var rows = new HostArray<int>([0, 1, 2]);
            using var hostPlaces = new HostArray<int>(places);
            using var hostQueryNorm = new HostArray<ushort>(queryNorm);
            using var hostKeyNorm = new HostArray<ushort>(keyNorm);
            using var pages = new HostArray<ushort>(3 * 2 * kvHeads * 32 * headSize);
            kernel.Run(new Grid(3), 256, new RopeParams(hostQkv.Pointer, turns.Pointer, rows.Pointer, hostPlaces.Pointer, pages.Pointer,
                normed ? hostQueryNorm.Pointer : 0, normed ? hostKeyNorm.Pointer : 0, heads, kvHeads, 1e-5f), order).ShouldBeNull();

            using var twin = new CpuTwin();
            var stride = all * headSize;
            var x = twin.Floats(qkv);
            if (normed)
            {
                CpuTwin.Run(new RmsNorm { X = x, XStride = stride, Y = x, YStride = stride, Weight = twin.Floats(queryNorm), Rows = 3, VectorsPerRow = heads, Dim = headSize, Epsilon = 1e-5f });
                var keys = x + heads * headSize;
                CpuTwin.Run(new RmsNorm { X = keys, XStride = stride, Y = keys, YStride = stride, Weight = twin.Floats(keyNorm), Rows = 3, VectorsPerRow = kvHeads, Dim = headSize, Epsilon = 1e-5f });
            }
            var table = new RopeTable(new RopeConfig(10000, RotaryShare: (double)rotarySize / headSize), headSize);
            var turned = twin.Room(3 * Math.Max(1, rotarySize));
            var sequence = new Sequence(0, new int[256], 256, Splitwiser.Models.Sampling.SamplingParams.Greedy, 256);
            CpuTwin.Run(new RopeAngles { Batch = [.. positions.Select(position => new BatchRow(sequence, position, 0))], Table = table, Angles = turned, Rows = 3 });
            CpuTwin.Run(new Rope { X = x, XStride = stride, Angles = turned, Rows = 3, Heads = heads + kvHeads, HeadSize = headSize, RotarySize = rotarySize });

            var actual = new List<ushort>();
            for (var token = 0; token < 3; token++)
                for (var head = 0; head < all; head++)
                {
                    var at = ((places[token] / 32 * 2 * kvHeads + head - heads) * 32 + places[token] % 32) * headSize;
                    actual.AddRange(head < heads ? hostQkv.Span.Slice((token * all + head) * headSize, headSize) : pages.Span.Slice(at, headSize));
                }
            numbers.ShouldBeClose([.. actual], CpuTwin.Doubles(x, 3 * stride));
        }
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void The_reader_of_matrices_is_the_cpu_runners(bool gated)
    {
        var kernel = HostKernel.Of("SkinnyGemm.cu", "skinny_gemm", "BATCH_ROWS=8");
        for (var order = 0; order < HostKernel.Orders; order++)
        {
            var numbers = new Numbers();
            var (rows, n, k) = (1 + numbers.Next(8), 1 + numbers.Next(100), 32 * (1 + numbers.Next(40)));
            var (x, w, bias, residual) = (numbers.Bf16s(rows * k), numbers.Bf16s((gated ? 2 : 1) * n * k, 0.1f), gated ? null : numbers.Bf16s(n), numbers.Bf16s(rows * n));
            using var hostX = new HostArray<ushort>(x);
            using var hostW = new HostArray<ushort>(w);
            using var hostBias = new HostArray<ushort>(bias ?? []);
            using var y = new HostArray<ushort>(residual);
            var adds = !gated && order % 2 == 0;
            kernel.Run(new Grid(1 + numbers.Next(5)), 256, new SkinnyGemmParams(hostX.Pointer, hostW.Pointer, gated ? 0 : hostBias.Pointer, adds ? y.Pointer : 0, y.Pointer, rows, n, k, 0, gated ? 1 : 0), order).ShouldBeNull();

            using var twin = new CpuTwin();
            var outputs = (gated ? 2 : 1) * n;
            float* products = adds ? twin.Floats(residual) : twin.Room(rows * outputs), expected = twin.Room(rows * n);
            CpuTwin.Run(new Cpu.MatMul { X = twin.Floats(x), Rows = rows, YStride = outputs, First = new Projection(twin.Matrix(w, outputs, k, bias), products), Accumulates = adds });
            if (gated) CpuTwin.Run(new Activate<Silu> { X = products, Y = expected, Rows = rows, Dim = n, Gated = true });
            numbers.ShouldBeClose(y.Span.ToArray(), CpuTwin.Doubles(gated ? expected : products, rows * n));
        }
    }

    [Fact]
    public void Embeddings_and_capped_logits_are_the_cpu_runners()
    {
        var numbers = new Numbers();
        const int vocabulary = 30, learnedRows = 20, rows = 7;
        var dim = 8 * (1 + numbers.Next(200));
        var (table, learned, scale) = (numbers.Bf16s(vocabulary * dim), numbers.Bf16s(learnedRows * dim), 3.5f);
        var sequence = new Sequence(0, [1], 1, Splitwiser.Models.Sampling.SamplingParams.Greedy, 1);
        var batch = Enumerable.Range(0, rows).Select(i => new BatchRow(sequence, 3 * i, numbers.Next(vocabulary))).ToArray();
        using var hostTable = new HostArray<ushort>(table);
        using var hostLearned = new HostArray<ushort>(learned);
        using var sources = new HostArray<TokenSource>([.. batch.Select(row => new TokenSource(0, row.Token))]);
        using var positions = new HostArray<int>([.. batch.Select(row => row.Position)]);
        using var x = new HostArray<ushort>(rows * dim);
        HostKernel.Of("Embedding.cu", "embedding").Run(new Grid(rows), 128,
            new EmbeddingParams(hostTable.Pointer, sources.Pointer, 0, x.Pointer, positions.Pointer, hostLearned.Pointer, dim, 2, learnedRows, scale), 0).ShouldBeNull();
        using var twin = new CpuTwin();
        var expected = twin.Room(rows * dim);
        CpuTwin.Run(new Embedding { Table = twin.Matrix(table, vocabulary, dim, null), Batch = batch, Y = expected, Rows = rows, Scale = scale });
        CpuTwin.Run(new AddPositions { Table = twin.Floats(learned), TableRows = learnedRows, Offset = 2, Batch = batch, Y = expected, Rows = rows, Dim = dim });
        numbers.ShouldBeClose(x.Span.ToArray(), CpuTwin.Doubles(expected, rows * dim));

        var logits = numbers.Singles(500, 20);
        using var hostLogits = new HostArray<float>(logits);
        HostKernel.Of("CapLogits.cu", "cap_logits").Run(new Grid(2), 256, new CapLogitsParams(hostLogits.Pointer, 500, 30), 0).ShouldBeNull();
        fixed (float* capped = logits) CpuTwin.Run(new CapLogits { X = capped, Rows = 1, Dim = 500, Cap = 30 });
        numbers.ShouldBeClose(hostLogits.Span.ToArray(), [.. logits.Select(logit => (double)logit)]);
    }

    [Fact]
    public void A_barrier_left_out_of_the_reader_is_found()
    {
        var kernel = HostKernel.Of("SkinnyGemm.cu", "skinny_gemm", "BATCH_ROWS=8", ("        __syncthreads();\n        for (int i = threadIdx.x; i < p.rows * owned", "        for (int i = threadIdx.x; i < p.rows * owned"));
        var numbers = new Numbers(1);
        const int rows = 3, n = 50, k = 256;
        var (x, w) = (numbers.Bf16s(rows * k), numbers.Bf16s(n * k, 0.1f));
        using var hostX = new HostArray<ushort>(x);
        using var hostW = new HostArray<ushort>(w);
        using var y = new HostArray<ushort>(rows * n);
        using var twin = new CpuTwin();
        var expected = twin.Room(rows * n);
        CpuTwin.Run(new Cpu.MatMul { X = twin.Floats(x), Rows = rows, YStride = n, First = new Projection(twin.Matrix(w, n, k, null), expected) });
        Enumerable.Range(0, 2 * HostKernel.Orders).Any(order =>
            kernel.Run(new Grid(2), 256, new SkinnyGemmParams(hostX.Pointer, hostW.Pointer, 0, 0, y.Pointer, rows, n, k, 0, 0), order) is not null
            || !(Numbers.Distance(Numbers.Widen(y.Span.ToArray()), CpuTwin.Doubles(expected, rows * n)) < 6e-3)).ShouldBeTrue();
    }
}
