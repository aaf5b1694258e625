namespace Splitwiser.Gpu.Phases;

/// <summary>Whether pages in main memory are copied back or computed again, whichever is predicted to be done first.</summary>
internal static class RestorePolicy
{
    /// <param name="pages">That main memory has of the prompt.</param>
    /// <param name="ahead">Pages whose copies come first.</param>
    /// <param name="secondsPerPage">Of copies in; null before the first.</param>
    /// <param name="secondsPerToken">Of prefill; 0 before the first.</param>
    public static bool Restores(int pages, int ahead, double? secondsPerPage, double secondsPerToken) =>
        pages > 0 && (secondsPerPage is not { } copy || secondsPerToken <= 0 || (ahead + pages) * copy <= (double)pages * Kv.PageId.Size * secondsPerToken);
}
