using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Grains;

/// <summary>
/// A short greedy answer to a fixed prompt, computed twice through both phases: a device that is well says the same each time, in
/// numbers. Sums may differ in their last bits, as they do on a GPU that computes something else beside; then near ties may fall otherwise.
/// </summary>
internal static class KnownComputation
{
    private const int PromptTokens = 40; // more than a page
    private const int AnswerTokens = 5;

    /// <summary>How far a logprob may differ, and how near two tokens must be to be a tie.</summary>
    private const float Tolerance = 0.1f;

    /// <summary>What is wrong with a device that computes nothing else yet: by a worker of its own, so that the device's counts begin at 0.</summary>
    public static async Task<string?> FlawOfNew(DeviceWorker device, TimeSpan within, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var worker = new DeviceWorker(device.Runner, device.Options with { PrefixCaching = false, HostPages = 0, CostFolder = null }, time, NullLogger<DeviceWorker>.Instance);
        return await FlawOf(worker, within, time, cancellationToken);
    }

    /// <summary>What is wrong with a device; null when nothing is.</summary>
    /// <exception cref="DeviceRefusedException">It takes nothing now.</exception>
    public static async Task<string?> FlawOf(DeviceWorker device, TimeSpan within, TimeProvider time, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            var first = await Answer(device, either.Token);
            return Flaw(first) ?? Flaw(await Answer(device, either.Token), first);
        }
        catch (DeviceFaultException fault)
        {
            return fault.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"It did not answer within {within.TotalSeconds} s.";
        }
    }

    /// <summary>What is wrong with an answer alone.</summary>
    internal static string? Flaw(IReadOnlyList<CheckedToken> answer)
    {
        if (answer.Count == 0) return "It said nothing.";
        for (var i = 0; i < answer.Count; i++)
            if (!float.IsFinite(answer[i].Best.Logprob) || !float.IsFinite(answer[i].Second.Logprob)) return $"Token {i} has a logprob that is no number.";
        return null;
    }

    /// <summary>What is wrong with a second answer, beside a first one that is well by itself.</summary>
    internal static string? Flaw(IReadOnlyList<CheckedToken> second, IReadOnlyList<CheckedToken> first)
    {
        if (Flaw(second) is { } flaw) return flaw;
        for (var i = 0; i < Math.Min(first.Count, second.Count); i++)
        {
            var (one, other) = (first[i], second[i]);
            if (one.Best.TokenId != other.Best.TokenId) // what follows has another past
                return one.IsTie && other.IsTie ? null : $"Token {i} was {one.Best.TokenId}, and {other.Best.TokenId} the second time.";
            if (Math.Abs(one.Best.Logprob - other.Best.Logprob) > Tolerance)
                return $"Token {i} had the logprob {one.Best.Logprob}, and {other.Best.Logprob} the second time.";
        }

        return first.Count == second.Count ? null : $"It said {first.Count} tokens, and {second.Count} the second time.";
    }

    private static async Task<IReadOnlyList<CheckedToken>> Answer(DeviceWorker device, CancellationToken cancellationToken)
    {
        var handoff = await device.Prefill(Prompt(device), cancellationToken);
        try
        {
            using var reader = device.Attach(handoff.Lease, 0);
            List<CheckedToken> answer = [];
            while (await reader.WaitToReadAsync(cancellationToken))
                while (reader.TryRead(out var token))
                    answer.Add(new(token.Token, reader.TopLogprobs(token.Index)[1]));
            return answer;
        }
        finally
        {
            device.Release(handoff.Lease);
        }
    }

    /// <summary>Under a salt of its own: what the cache holds is no computation.</summary>
    private static PromptRequest Prompt(DeviceWorker device)
    {
        var length = Math.Min(PromptTokens, device.ContextLength - AnswerTokens);
        return new()
        {
            Tokens = Enumerable.Range(1, Math.Max(1, length)).Select(i => i * 7919 % device.Runner.Model.VocabularySize).ToArray(),
            OutputStart = Math.Max(1, length),
            MaxTokens = AnswerTokens,
            Sampling = SamplingParams.Greedy with { TopLogprobs = 2 },
            CacheSalt = Guid.NewGuid().ToString(),
            Priority = int.MinValue,
        };
    }

    /// <summary>The token that was taken, and the second most likely one.</summary>
    internal readonly record struct CheckedToken(TokenLogprob Best, TokenLogprob Second)
    {
        public bool IsTie => Best.Logprob - Second.Logprob < Tolerance;
    }
}
