using System.Globalization;

namespace Splitwiser.Gpu.Phases;

/// <summary>Whether a device can take a prompt, ever and now.</summary>
internal sealed class PromptCheck(DeviceOptions options, IModelRunner runner)
{
    private readonly int pageCount = runner.Info.PageCount;
    private readonly int maxModelLength = Math.Min(options.MaxModelLength, runner.Model.MaxPositions);

    /// <summary>Most tokens of a sequence.</summary>
    public int ContextLength { get; } = AdmissionPolicy.ContextLength(options.MaxModelLength, runner.Model.MaxPositions, runner.Info.PageCount);

    /// <summary>What is wrong with the request itself; null when nothing is.</summary>
    public string? Flaw(PromptRequest request)
    {
        var length = request.Tokens.Length;
        if (length == 0) return "The prompt is empty.";
        if (request.OutputStart < 0 || request.OutputStart > length) return $"OutputStart {request.OutputStart} is outside the {length} tokens.";
        if (request.MaxTokens <= length - request.OutputStart) return $"MaxTokens {request.MaxTokens} leaves nothing to generate.";
        if (request.Sampling.TopLogprobs > runner.Info.MaxTopLogprobs || request.Probe?.TopLogprobs > runner.Info.MaxTopLogprobs)
            return $"{runner.Info.DeviceName} reports up to {runner.Info.MaxTopLogprobs} likely tokens of a position.";
        if (request.Probe is { } probe && (probe.Length != length || probe.HiddenSize != runner.Model.HiddenSize)) return $"The probe is of another prompt than these {length} tokens, or of another model.";
        if (request.BadWords.Any(word => word.IsEmpty)) return "A bad word has no tokens.";
        return Outside(request.Tokens.Span) ?? Outside(request.AllowedTokenIds.AsSpan()) ?? request.BadWords.Select(word => Outside(word.AsSpan())).FirstOrDefault(flaw => flaw is not null);
    }

    private string? Outside(ReadOnlySpan<int> tokens)
    {
        foreach (var token in tokens)
            if ((uint)token >= (uint)runner.Model.VocabularySize) return $"Token {token} is outside the vocabulary of {runner.Model.VocabularySize}.";
        return null;
    }

    /// <summary>Why a prompt is not taken in; null when it is. No queue turns away who belongs to a call that is in, and no wait who goes on with an answer.</summary>
    public DeviceRefusedException? Refusal(PromptRequest request, Scheduler scheduler)
    {
        var length = request.Tokens.Length;
        var isOfCall = scheduler.Holds(request.Call);
        var waiting = isOfCall ? 0 : scheduler.Prompts.QueuedCount - (scheduler.Prompts.LastBelow(request.Priority) is null ? 0 : 1);
        var wait = AdmissionPolicy.Wait(scheduler.Ahead(request));
        return AdmissionPolicy.Refuse(length, maxModelLength, pageCount, waiting, options.QueueLimit, wait, isOfCall || request.IsResumed ? null : options.TtftTarget) switch
        {
            null => null,
            DeviceRefusal.TooLong => new DeviceRefusedException(
                DeviceRefusal.TooLong, $"The prompt has {length} tokens; the context holds {maxModelLength}, the answer included."),
            DeviceRefusal.NeverFits => new DeviceRefusedException(
                DeviceRefusal.NeverFits, $"The prompt has {length} tokens; the device's {pageCount} pages can't hold it."),
            { } reason => new DeviceRefusedException(
                reason, string.Create(CultureInfo.InvariantCulture, $"{scheduler.Prompts.QueuedCount} prompts are waiting, which would take {wait.TotalSeconds:0.0} s."), AdmissionPolicy.RetryAfter(wait)),
        };
    }
}
