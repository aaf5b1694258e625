using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Tests.Emulation;

/// <summary>What a probe gets of the CUDA runner's last kernels, emulated: sums of hidden states and scores of prompt tokens, against the CPU runner's.</summary>
public sealed unsafe class ProbeEmulationTests
{
    [Fact]
    public void Sums_of_hidden_states_are_exact()
    {
        var kernel = HostKernel.Of("PoolRows.cu", "pool_rows");
        for (var order = 0; order < HostKernel.Orders; order++)
        {
            var numbers = new Numbers();
            var (tokens, dim) = (1 + numbers.Next(70), 8 * (1 + numbers.Next(40)));
            Pooled(kernel, numbers, tokens, dim, order, out var expected).ShouldBe(expected, $"order {order}, seed {numbers.Seed}");
        }
    }

    [Theory]
    [InlineData("    __syncthreads();\n", "")]
    [InlineData("t += WARPS", "t += WARPS - 1")]
    public void An_error_planted_in_the_sums_is_found(string right, string wrong)
    {
        var kernel = HostKernel.Of("PoolRows.cu", "pool_rows", plant: (right, wrong));
        Enumerable.Range(0, 2 * HostKernel.Orders).Any(order => !Pooled(kernel, new Numbers(order), 40, 72, order, out var expected).SequenceEqual(expected)).ShouldBeTrue();
    }

    [Theory, Trait("Category", "Long")]
    [InlineData(1), InlineData(31), InlineData(777), InlineData(2000)]
    public void Scores_are_the_host_samplers(int vocabulary)
    {
        var kernel = HostKernel.Of("ScorePrompt.cu", "score_prompt");
        for (var order = 0; order < HostKernel.Orders; order++)
        {
            const int rows = 6, first = 3;
            var numbers = new Numbers();
            var logits = numbers.Singles(rows * vocabulary, 3);
            for (var i = 0; i < vocabulary; i++)
            {
                logits[vocabulary + i] = MathF.Round(logits[vocabulary + i]);       // many equal ones: ties go by id
                logits[2 * vocabulary + i] = float.NegativeInfinity;                // no token can be
                logits[3 * vocabulary + i] = i % 3 == 0 ? float.NaN : i % 3 == 1 ? float.NegativeInfinity : logits[3 * vocabulary + i];
                logits[4 * vocabulary + i] = i == vocabulary / 2 ? float.PositiveInfinity : -3e38f;
            }
            var records = Enumerable.Range(0, rows).Select(row => new ScoredRecord(numbers.Next(vocabulary), row == 5 ? SampleRecord.TopLimit : row)).ToArray();
            using var hostLogits = new HostArray<float>(logits);
            using var hostRecords = new HostArray<ScoredRecord>(records);
            using var results = new HostArray<TokenLogprob>(first + rows);
            using var counts = new HostArray<int>(first + rows);
            using var tops = new HostArray<TokenLogprob>((first + rows) * SampleRecord.TopLimit);
            using var header = new HostArray<ProbeHeader>([new ProbeHeader(new StepHeader(results.Pointer, counts.Pointer, tops.Pointer), 0)]);
            kernel.Run(new Grid(rows), ModelKernels.SamplingThreads, new ScoreParams(hostLogits.Pointer, hostRecords.Pointer, header.Pointer, first, vocabulary), order).ShouldBeNull();

            var host = new Sampler(vocabulary);
            for (var row = 0; row < rows; row++)
            {
                var what = $"row {row}, order {order}, seed {numbers.Seed}";
                var top = new TokenLogprob[records[row].Tops];
                var expected = host.Score(logits.AsSpan(row * vocabulary, vocabulary), records[row].Token, top, out var count);
                ShouldBeClose(results.Span[first + row], expected, what);
                counts.Span[first + row].ShouldBe(count, what);
                for (var i = 0; i < count; i++) ShouldBeClose(tops.Span[((first + row) * SampleRecord.TopLimit) + i], top[i], what);
            }
            counts.Span[..first].ToArray().ShouldAllBe(count => count == -1);       // rows of another launch
        }
    }

    /// <summary>Steps are laid out, uploaded and read as by a lane, two in flight; prompts come in chunks, in company, and sometimes twice.</summary>
    [Fact, Trait("Category", "Long")]
    public void Probes_of_prompts_in_chunks_and_batches_get_what_the_cpu_runner_shows()
    {
        for (var order = 0; order < HostKernel.Orders; order++)
        {
            using var tail = new ProbedTail(order);
            for (var step = 0; tail.Step(); step++) step.ShouldBeLessThan(1000);
            tail.Check();
        }
    }

    private static void ShouldBeClose(TokenLogprob actual, TokenLogprob expected, string what)
    {
        actual.TokenId.ShouldBe(expected.TokenId, what);
        if (expected.Logprob < -1e30f) actual.Logprob.ShouldBe(expected.Logprob, what);
        else actual.Logprob.ShouldBe(expected.Logprob, 1e-4f, what);
    }

    private static double[] Pooled(HostKernel kernel, Numbers numbers, int tokens, int dim, int order, out double[] expected)
    {
        PoolRecord[] pools = [new(0, tokens), new(tokens - 1, 1), new(tokens / 3, 1 + numbers.Next(tokens - tokens / 3))];
        var x = numbers.Bf16s(tokens * dim, 2, 0.3f);
        expected = [.. pools.SelectMany(pool => Enumerable.Range(0, dim).Select(i => Enumerable.Range(pool.First, pool.Count).Sum(t => (double)Bf16.Widen(x[(t * dim) + i]))))];
        using var hostX = new HostArray<ushort>(x);
        using var hostPools = new HostArray<PoolRecord>(pools);
        using var sums = new HostArray<double>(pools.Length * dim);
        using var header = new HostArray<ProbeHeader>([new ProbeHeader(default, sums.Pointer)]);
        kernel.Run(new Grid((dim + PoolParams.Columns - 1) / PoolParams.Columns, pools.Length), ModelKernels.PoolThreads,
            new PoolParams(hostX.Pointer, hostPools.Pointer, header.Pointer, dim), order).ShouldBeNull();
        return sums.Span.ToArray();
    }
}
