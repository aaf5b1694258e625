using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>Which prompts are taken in, and how much room they must leave.</summary>
internal static class AdmissionPolicy
{
    /// <summary>Tokens that a device can hold of one sequence: the model's, the operator's and the pool's limit, whichever is least.</summary>
    public static int ContextLength(int maxModelLength, int modelPositions, int pageCount) =>
        Math.Min(Math.Min(maxModelLength, modelPositions), pageCount * PageId.Size - Sequence.Lookahead);

    /// <summary>Pages that a sequence of this many tokens holds before its next step.</summary>
    public static int PagesFor(int tokens) => PageId.CountFor(tokens + Sequence.Lookahead);

    /// <summary>Why a prompt can't be taken in, now or ever; null when it can.</summary>
    public static DeviceRefusal? Refuse(int promptTokens, int maxModelLength, int pageCount, int waiting, int queueLimit) =>
        promptTokens >= maxModelLength ? DeviceRefusal.TooLong
        : PagesFor(promptTokens + 1) > pageCount ? DeviceRefusal.NeverFits
        : waiting >= queueLimit ? DeviceRefusal.QueueFull
        : null;

    /// <summary>
    /// Pages that a new prompt must leave for those that run: a sequence needs one every 32 steps, so a quarter of their number
    /// lasts about eight steps. Without it, prompts would be taken in only to be preempted at once.
    /// </summary>
    public static int Spare(int running) => (running + 3) / 4;

    /// <summary>When the queue will have moved on: the time to prefill what waits, 1 to 60 s.</summary>
    public static TimeSpan RetryAfter(long queuedTokens, double secondsPerToken) =>
        TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(queuedTokens * secondsPerToken), 1, 60));
}
