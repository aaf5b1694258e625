using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>Which prompts are taken in, and how much room they must leave.</summary>
internal static class AdmissionPolicy
{
    private const double LongestPrediction = 24 * 60 * 60;  // seconds
    private const double Deviations = 2;                    // of the time that some places take: few prompts wait for longer than predicted

    /// <summary>Tokens that a device can hold of one sequence: the model's, the operator's and the pool's limit, whichever is least.</summary>
    public static int ContextLength(int maxModelLength, int modelPositions, int pageCount) =>
        Math.Min(Math.Min(maxModelLength, modelPositions), pageCount * PageId.Size - Sequence.Lookahead);

    /// <summary>Pages that a sequence of this many tokens holds before its next step.</summary>
    public static int PagesFor(int tokens) => PageId.CountFor(tokens + Sequence.Lookahead);

    /// <summary>Why a prompt can't be taken in, now or ever; null when it can.</summary>
    /// <param name="wait">That is predicted for it.</param>
    /// <param name="longestWait">That others may cause; null for any.</param>
    public static DeviceRefusal? Refuse(int promptTokens, int maxModelLength, int pageCount, int waiting, int queueLimit, TimeSpan wait, TimeSpan? longestWait) =>
        promptTokens >= maxModelLength ? DeviceRefusal.TooLong
        : PagesFor(promptTokens + 1) > pageCount ? DeviceRefusal.NeverFits
        : waiting >= queueLimit || wait > longestWait ? DeviceRefusal.QueueFull
        : null;

    /// <summary>
    /// How long a prompt will wait for its own prefill to begin: until those before it have seats and pages, and it has, and until theirs are
    /// computed, whichever takes longer. Sequences end at random, so n places take n times the mean with a deviation of its root; two of these
    /// are added. Its own length doesn't count: a long prompt is as welcome on an idle device as a short one.
    /// </summary>
    public static TimeSpan Wait(QueueAhead ahead)
    {
        var missing = Math.Max(0, ahead.Prompts + 1.0 - ahead.FreePlaces);
        var places = (missing + (Deviations * Math.Sqrt(missing))) * ahead.SecondsPerPlace;
        return TimeSpan.FromSeconds(Math.Min(Math.Max(places, ahead.Tokens * ahead.SecondsPerToken), LongestPrediction));
    }

    /// <summary>
    /// Pages that a new prompt must leave for those that run: a sequence needs one every 32 steps, so a quarter of their number
    /// lasts about eight steps. Without it, prompts would be taken in only to be preempted at once.
    /// </summary>
    public static int Spare(int running) => (running + 3) / 4;

    /// <summary>When it is worth coming back: when those who wait now have gone, 1 to 60 s in whole seconds.</summary>
    public static TimeSpan RetryAfter(TimeSpan wait) => TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, 60));
}
