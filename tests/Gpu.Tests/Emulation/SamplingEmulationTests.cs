using Splitwiser.Gpu.Cuda;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Tests.Emulation;

/// <summary>The sampling kernels on the CPU, one after the other as in a step: they take the host sampler's tokens and report its logprobs.</summary>
public sealed class SamplingEmulationTests
{
    private const int Vocabulary = 777;

    private readonly HostKernel scan = HostKernel.Of("ScanLogits.cu", "scan_logits"), sample = HostKernel.Of("Sample.cu", "sample");

    [Fact]
    public void Masked_rows_take_the_host_samplers_tokens()
    {
        SamplingParams[] all =
        [
            SamplingParams.Greedy,
            new() { Seed = 1, TopLogprobs = 3 },
            new() { Seed = 2, TopK = 7, Temperature = 0.7f },
            new() { Seed = 3, TopP = 0.5f, TopLogprobs = 20 },
            new() { Seed = 4, RepetitionPenalty = 1.3f, FrequencyPenalty = 0.4f },
            new() { Seed = 5, MinTokens = 100, EndTokenIds = [.. Enumerable.Range(0, Vocabulary)] },                                                // nothing is left but the mask
            SamplingParams.Greedy with { LogitBias = [.. Enumerable.Range(0, Vocabulary).Select(id => new LogitBias(id, float.NegativeInfinity))] },
            new() { Seed = 7, MinTokens = 100, EndTokenIds = [.. Enumerable.Range(0, Vocabulary / 2)], LogitBias = [new(770, 5)] },
        ];
        for (var order = 0; order < HostKernel.Orders; order++)
        {
            var numbers = new Numbers();
            var sequences = all.Select((p, row) => new Sequence(row, Enumerable.Range(0, 20).Select(_ => numbers.Next(30)).ToArray(), 8, p, 30) { Allowed = Mask(numbers, row) }).ToArray();
            Check(numbers.Singles(all.Length * Vocabulary, 3), Vocabulary, sequences, order, $"order {order}, seed {numbers.Seed}");
        }
    }

    [Fact, Trait("Category", "Long")]
    public void Plain_rows_and_rows_beside_them_are_scanned_in_slices()
    {
        SamplingParams[] all = [SamplingParams.Greedy, SamplingParams.Greedy with { TopLogprobs = 0 }, new() { Seed = 1, TopLogprobs = 2 }, SamplingParams.Greedy with { TopLogprobs = 0 }];
        for (var order = 0; order < HostKernel.Orders; order++)
        {
            var numbers = new Numbers();
            var vocabulary = 2 * ScanParams.Slice + 1 + numbers.Next(ScanParams.Slice);
            var logits = numbers.Singles(all.Length * vocabulary, 3);
            for (var i = 0; i < 200; i++) logits[numbers.Next(logits.Length)] = i % 2 == 0 ? float.NaN : float.NegativeInfinity;
            logits.AsSpan(3 * vocabulary).Fill(float.NaN);
            var sequences = all.Select((p, row) => new Sequence(row, [1, 2], 2, p, 30)).ToArray();
            Check(logits, vocabulary, sequences, order, $"order {order}, seed {numbers.Seed}");
        }
    }

    [Fact]
    public void A_token_that_cannot_be_has_the_least_logprob_and_not_an_infinite_one()
    {
        var logits = new float[2 * Vocabulary];
        logits[5] = logits[Vocabulary + 5] = float.NegativeInfinity;
        logits[Vocabulary + 6] = float.NaN;
        var sequences = new[] { 0, 1 }.Select(row => new Sequence(row, [1, 2], 2, SamplingParams.Greedy with { TopLogprobs = row }, 30) { Allowed = new uint[] { 1u << (5 + row) }.Concat(new uint[24]).ToArray() }).ToArray();
        for (var order = 0; order < HostKernel.Orders; order++) Check(logits, Vocabulary, sequences, order, $"order {order}").ShouldAllBe(token => token.Logprob == float.MinValue);
    }

    /// <summary>65,536 times is where a count of 16 bits begins anew.</summary>
    [Theory]
    [InlineData(0x10000, 0x10000), InlineData(0x10000, 0)]
    public void A_token_that_came_very_often_is_penalised_still(int count, int outputStart)
    {
        var tokens = new int[count];
        tokens.AsSpan().Fill(3);
        var numbers = new Numbers();
        var logits = numbers.Singles(Vocabulary);
        logits[3] = 20;
        var sequence = new Sequence(0, tokens, outputStart, new() { Temperature = 0, RepetitionPenalty = 100, PresencePenalty = 2, FrequencyPenalty = 1e-3f, TopLogprobs = 0 }, count + 1);
        Check(logits, Vocabulary, [sequence], order: 2, $"seed {numbers.Seed}").Single().TokenId.ShouldNotBe(3);
    }

    /// <summary>Compares tokens, logprobs and likeliest tokens with the host sampler's, and looks whether the scratch is left as it was.</summary>
    private TokenLogprob[] Check(float[] logits, int vocabulary, Sequence[] sequences, int order, string what)
    {
        var rows = sequences.Length;
        var slices = ScanParams.SlicesOf(vocabulary);
        var lists = new int[sequences.Sum(sequence => SampleRows.ListInts(sequence, sequence.TokenCount)) + 1];
        var used = 1;
        var records = sequences.Select(sequence => SampleRows.Write(sequence, sequence.TokenCount, lists, ref used)).ToArray();
        used.ShouldBeLessThanOrEqualTo(lists.Length);
        using var hostLogits = new HostArray<float>(logits);
        using var hostRecords = new HostArray<SampleRecord>(records);
        using var hostLists = new HostArray<int>(lists);
        using var results = new HostArray<TokenLogprob>(rows);
        using var counts = new HostArray<int>(rows);
        using var tops = new HostArray<TokenLogprob>(rows * SampleRecord.TopLimit);
        using var header = new HostArray<StepHeader>([new StepHeader(results.Pointer, counts.Pointer, tops.Pointer)]);
        using var partial = new HostArray<int>(rows * slices * 3);
        using var scans = new HostArray<int>(rows * 3);
        using var tickets = new HostArray<int>(new int[rows]);
        using var sampled = new HostArray<int>(rows);
        using var weights = new HostArray<float>(rows * vocabulary);
        using var seen = new HostArray<int>(new int[rows * vocabulary]);
        scan.Run(new Grid(slices, rows), ModelKernels.ScanThreads, new ScanParams(
            hostLogits.Pointer, hostRecords.Pointer, header.Pointer, partial.Pointer, scans.Pointer, tickets.Pointer, sampled.Pointer, vocabulary, slices), order).ShouldBeNull();
        sample.Run(new Grid(rows), ModelKernels.SamplingThreads, new SampleParams(
            hostLogits.Pointer, hostRecords.Pointer, header.Pointer, scans.Pointer, hostLists.Pointer, sampled.Pointer, weights.Pointer, seen.Pointer, vocabulary), order).ShouldBeNull();

        var host = new Sampler(vocabulary);
        var top = new TokenLogprob[SampleRecord.TopLimit];
        for (var row = 0; row < rows; row++)
        {
            var expected = host.Sample(logits.AsSpan(row * vocabulary, vocabulary), sequences[row].Sampling, sequences[row].Tokens, sequences[row].OutputStart, top, out var count, sequences[row].Allowed.Span);
            sampled.Span[sequences[row].Slot].ShouldBe(expected.TokenId, $"row {row}, {what}");
            if (!sequences[row].Allowed.IsEmpty) (sequences[row].Allowed.Span[expected.TokenId >> 5] >> expected.TokenId & 1).ShouldBe(1u);
            ShouldBeClose(results.Span[row], expected, $"row {row}, {what}");
            counts.Span[row].ShouldBe(count, $"row {row}, {what}");
            for (var i = 0; i < count; i++) ShouldBeClose(tops.Span[row * SampleRecord.TopLimit + i], top[i], $"row {row}, {what}");
        }
        seen.Span.ToArray().ShouldAllBe(count => count == 0);
        tickets.Span.ToArray().ShouldAllBe(ticket => ticket == 0);
        return results.Span.ToArray();
    }

    private static void ShouldBeClose(TokenLogprob actual, TokenLogprob expected, string what)
    {
        actual.TokenId.ShouldBe(expected.TokenId, what);
        if (expected.Logprob == float.MinValue) actual.Logprob.ShouldBe(float.MinValue, what);
        else actual.Logprob.ShouldBe(expected.Logprob, 1e-4f, what);
    }

    /// <summary>One token in the first row, more in each that follows.</summary>
    private static uint[] Mask(Numbers numbers, int row)
    {
        var mask = new uint[(Vocabulary + 31) / 32];
        for (var i = 0; i <= row * 60; i++)
        {
            var id = numbers.Next(Vocabulary);
            mask[id >> 5] |= 1u << id;
        }
        return mask;
    }
}
