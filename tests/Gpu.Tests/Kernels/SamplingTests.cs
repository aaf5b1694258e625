using Splitwiser.Gpu.Cuda;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Tests.Kernels;

/// <summary>The device's sampler takes the host sampler's tokens. Sums are added in another order, so a draw within 1e-9 of a boundary could differ; none has been seen.</summary>
public sealed class SamplingTests
{
    public static TheoryData<int> Vocabularies => [37, 512, 4096, 128_256];

    [Theory, MemberData(nameof(Vocabularies))]
    public void Tokens_and_logprobs_are_the_host_samplers(int vocabulary)
    {
        var numbers = new Numbers();
        var ends = Enumerable.Range(0, vocabulary).Where(id => id % 3 == 0).Take(40).ToArray();
        SamplingParams[] all =
        [
            SamplingParams.Greedy,
            SamplingParams.Greedy with { TopLogprobs = 0 },
            SamplingParams.Greedy with { TopLogprobs = 5 },
            new() { Seed = 1 },
            new() { Seed = 2, Temperature = 0.3f, TopLogprobs = 20 },
            new() { Seed = 3, TopK = 1 },
            new() { Seed = 4, TopK = 7 },
            new() { Seed = 5, TopP = 0.5f },
            new() { Seed = 6, TopP = 0.99f, Temperature = 2 },
            new() { Seed = 7, MinP = 0.1f },
            new() { Seed = 8, TopK = 20, TopP = 0.7f, MinP = 0.02f, Temperature = 0.8f },
            new() { Seed = 9, RepetitionPenalty = 1.3f },
            new() { Seed = 10, PresencePenalty = 0.7f, FrequencyPenalty = 0.4f, Temperature = 0 },
            new() { Seed = 11, MinTokens = 100, EndTokenIds = [.. ends], Temperature = 0 },
            new() { Seed = 12, LogitBias = [new(3, 100), new(5, float.NegativeInfinity), new(3, -99)], TopLogprobs = 2 },
            new() { Seed = 13, LogitBias = [.. Enumerable.Range(0, Math.Min(vocabulary, 600)).Select(id => new LogitBias(id, float.NegativeInfinity))] },
            SamplingParams.Greedy with { MinTokens = 100, EndTokenIds = [.. Enumerable.Range(1, vocabulary - 1)], LogitBias = [new(0, float.NegativeInfinity)] },
        ];
        for (var round = 0; round < 4; round++) Check(numbers, vocabulary, all, tied: round == 2, masked: round == 3);
    }

    private static void Check(Numbers numbers, int vocabulary, SamplingParams[] all, bool tied, bool masked)
    {
        var card = Card.Required;
        var logits = numbers.Singles(all.Length * vocabulary, 3);
        if (tied)
            for (var i = 0; i < logits.Length; i++) logits[i] = MathF.Round(logits[i]);      // many equal weights: ties go by id
        for (var i = 0; i < 20; i++) logits[numbers.Next(logits.Length)] = i % 2 == 0 ? float.NaN : float.NegativeInfinity;
        var sequences = all.Select((p, row) =>
        {
            var tokens = Enumerable.Range(0, 50).Select(_ => numbers.Next(Math.Min(vocabulary, 30))).ToArray();
            return new Sequence(row, tokens, 20, p, 60) { Allowed = masked ? Mask(numbers, vocabulary, row) : default };
        }).ToArray();
        var lists = new int[sequences.Sum(sequence => SampleRows.ListInts(sequence, 50)) + 1];
        var used = 1;
        var records = sequences.Select(sequence => SampleRows.Write(sequence, sequence.TokenCount, lists, ref used)).ToArray();

        var rows = all.Length;
        var slices = ScanParams.SlicesOf(vocabulary);
        using var deviceLogits = new DeviceArray<float>(logits);
        using var deviceRecords = new DeviceArray<SampleRecord>(records);
        using var deviceLists = new DeviceArray<int>(lists);
        using var results = new DeviceArray<TokenLogprob>(rows);
        using var counts = new DeviceArray<int>(rows);
        using var tops = new DeviceArray<TokenLogprob>(rows * SampleRecord.TopLimit);
        using var header = new DeviceArray<StepHeader>([new StepHeader(results.Pointer, counts.Pointer, tops.Pointer)]);
        using var partial = new DeviceArray<int>(rows * slices * 3);
        using var scans = new DeviceArray<int>(rows * 3);
        using var tickets = new DeviceArray<int>(new int[rows]);
        using var sampled = new DeviceArray<int>(rows);
        using var weights = new DeviceArray<float>(rows * vocabulary);
        using var seen = new DeviceArray<int>(new int[rows * vocabulary]);
        card.Kernels().ScanLogits.Launch(card.Stream, new Grid(slices, rows), ModelKernels.ScanThreads, new ScanParams(
            deviceLogits.Pointer, deviceRecords.Pointer, header.Pointer, partial.Pointer, scans.Pointer, tickets.Pointer, sampled.Pointer, vocabulary, slices));
        card.Kernels().Sample.Launch(card.Stream, new Grid(rows), ModelKernels.SamplingThreads, new SampleParams(
            deviceLogits.Pointer, deviceRecords.Pointer, header.Pointer, scans.Pointer, deviceLists.Pointer, sampled.Pointer, weights.Pointer, seen.Pointer, vocabulary));
        var (gotResults, gotCounts, gotTops, gotSampled) = (results.Read(), counts.Read(), tops.Read(), sampled.Read());

        var host = new Sampler(vocabulary);
        var top = new TokenLogprob[32];
        for (var row = 0; row < rows; row++)
        {
            var expected = host.Sample(logits.AsSpan(row * vocabulary, vocabulary), all[row], sequences[row].Tokens, sequences[row].OutputStart, top, out var count, sequences[row].Allowed.Span);
            var what = $"row {row}, vocabulary {vocabulary}, seed {numbers.Seed}";
            gotResults[row].TokenId.ShouldBe(expected.TokenId, what);
            gotSampled[row].ShouldBe(expected.TokenId, what);
            gotResults[row].Logprob.ShouldBe(expected.Logprob, 1e-4f, what);
            gotCounts[row].ShouldBe(count, what);
            for (var i = 0; i < count; i++)
            {
                gotTops[row * SampleRecord.TopLimit + i].TokenId.ShouldBe(top[i].TokenId, what);
                gotTops[row * SampleRecord.TopLimit + i].Logprob.ShouldBe(top[i].Logprob, 1e-4f, what);
            }
        }
        seen.Read().ShouldAllBe(count => count == 0);
        tickets.Read().ShouldAllBe(ticket => ticket == 0);
    }

    /// <summary>A grammar's mask: one token in the first row, few in the next ones, most in the last.</summary>
    private static uint[] Mask(Numbers numbers, int vocabulary, int row)
    {
        var mask = new uint[(vocabulary + 31) / 32];
        mask[0] = 1u << row;
        for (var i = 0; i < row * vocabulary / 12; i++)
        {
            var id = numbers.Next(vocabulary);
            mask[id >> 5] |= 1u << id;
        }
        return mask;
    }
}
