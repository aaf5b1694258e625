namespace Splitwiser.Gpu.Phases;

/// <summary>How many free pages a device with main memory behind it keeps ready, so that nobody waits for a copy to get one.</summary>
internal static class OffloadPolicy
{
    private const int Share = 16, Most = 256;

    /// <summary>A sixteenth of the pool, up to two prompts of 4,096 tokens.</summary>
    public static int Reserve(int pages) => Math.Clamp(pages / Share, 1, Most);

    /// <summary>
    /// Cached pages to give to main memory now. Those on their way can't be leased, so as many others stay available as the running
    /// sequences may need meanwhile.
    /// </summary>
    /// <param name="available">Free and cached pages.</param>
    public static int Wanted(int total, int free, int leaving, int available, int running) =>
        Math.Max(0, Math.Min(Reserve(total) - free - leaving, available - AdmissionPolicy.Spare(running)));
}
