using System.Runtime.InteropServices;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Tests.Emulation;

/// <summary>The sampling kernel under a grammar's mask, on the CPU: it takes the host sampler's tokens.</summary>
public sealed class SamplingEmulationTests
{
    private const int Vocabulary = 777;

    [Fact]
    public void Masked_rows_take_the_host_samplers_tokens()
    {
        var kernel = HostKernel.Of("Sample.cu", "sample");
        SamplingParams[] all =
        [
            SamplingParams.Greedy,
            new() { Seed = 1 },
            new() { Seed = 2, TopK = 7, Temperature = 0.7f },
            new() { Seed = 3, TopP = 0.5f },
            new() { Seed = 4, RepetitionPenalty = 1.3f, FrequencyPenalty = 0.4f },
            new() { Seed = 5, MinTokens = 100, EndTokenIds = [.. Enumerable.Range(0, Vocabulary)] },                                                // nothing is left but the mask
            SamplingParams.Greedy with { LogitBias = [.. Enumerable.Range(0, Vocabulary).Select(id => new LogitBias(id, float.NegativeInfinity))] },
            new() { Seed = 7, MinTokens = 100, EndTokenIds = [.. Enumerable.Range(0, Vocabulary / 2)], LogitBias = [new(770, 5)] },
        ];
        for (var order = 0; order < HostKernel.Orders; order++)
        {
            var numbers = new Numbers();
            var logits = numbers.Singles(all.Length * Vocabulary, 3);
            var sequences = all.Select((p, row) => new Sequence(row, Enumerable.Range(0, 20).Select(_ => numbers.Next(30)).ToArray(), 8, p, 30) { Allowed = Mask(numbers, row) }).ToArray();
            var lists = new int[sequences.Sum(sequence => SampleRows.ListInts(sequence, 20)) + 1];
            var used = 1;
            var records = sequences.Select(sequence => SampleRows.Write(sequence, sequence.TokenCount, lists, ref used)).ToArray();
            used.ShouldBeLessThanOrEqualTo(lists.Length);
            using var hostLogits = new HostArray<float>(logits);
            using var hostRecords = new HostArray<SampleRecord>(records);
            using var hostLists = new HostArray<int>(lists);
            using var results = new HostArray<TokenLogprob>(all.Length);
            using var counts = new HostArray<int>(all.Length);
            using var tops = new HostArray<TokenLogprob>(all.Length * SampleRecord.TopLimit);
            using var header = new HostArray<StepHeader>([new StepHeader(results.Pointer, counts.Pointer, tops.Pointer)]);
            using var scans = new HostArray<Scan>([.. Enumerable.Range(0, all.Length).Select(row => Scan.Of(logits.AsSpan(row * Vocabulary, Vocabulary)))]);
            using var sampled = new HostArray<int>(all.Length);
            using var weights = new HostArray<float>(all.Length * Vocabulary);
            using var seen = new HostArray<int>(new int[all.Length * Vocabulary]);
            kernel.Run(new Grid(all.Length), ModelKernels.SamplingThreads, new SampleParams(
                hostLogits.Pointer, hostRecords.Pointer, header.Pointer, scans.Pointer, hostLists.Pointer, sampled.Pointer, weights.Pointer, seen.Pointer, Vocabulary), order).ShouldBeNull();

            var host = new Sampler(Vocabulary);
            for (var row = 0; row < all.Length; row++)
            {
                var expected = host.Sample(logits.AsSpan(row * Vocabulary, Vocabulary), all[row], sequences[row].Tokens, sequences[row].OutputStart, [], out _, sequences[row].Allowed.Span);
                sampled.Span[row].ShouldBe(expected.TokenId, $"row {row}, order {order}, seed {numbers.Seed}");
                results.Span[row].TokenId.ShouldBe(expected.TokenId);
                (sequences[row].Allowed.Span[expected.TokenId >> 5] >> expected.TokenId & 1).ShouldBe(1u);
            }
            seen.Span.ToArray().ShouldAllBe(count => count == 0);
        }
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

    /// <summary>What scan_logits leaves: the largest logit, its lowest id, and the logarithm of the sum of exponentials.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Scan(float Value, int Id, float Sum)
    {
        public static Scan Of(ReadOnlySpan<float> logits)
        {
            var id = 0;
            for (var i = 1; i < logits.Length; i++)
                if (logits[i] > logits[id]) id = i;
            var sum = 0.0;
            foreach (var logit in logits) sum += Math.Exp(logit - logits[id]);
            return new(logits[id], id, (float)Math.Log(sum));
        }
    }
}
