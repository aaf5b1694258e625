using Splitwiser.Models;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// Where long sequences turn by frequencies of their own (<see cref="RopeConfig.IsExtended"/>), their pages are of no use to short ones:
/// the two have different salts, and a sequence that grows past the limit is computed again.
/// </summary>
internal static class RopeRange
{
    /// <param name="salt">The request's own.</param>
    /// <param name="length">Tokens of the sequence.</param>
    public static string? Salt(RopeConfig? rope, string? salt, int length) => rope?.IsExtended(length) == true ? $"{salt}\nextended" : salt;
}
