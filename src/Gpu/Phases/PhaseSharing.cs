namespace Splitwiser.Gpu.Phases;

/// <summary>A mechanism by which the two phases share a device while both have work.</summary>
internal enum PhaseSharing
{
    /// <summary>A slice of prefill, then a decode step.</summary>
    Turns,

    /// <summary>Decode rows and a chunk of prompt in one step.</summary>
    Mixed,

    /// <summary>Both lanes at once.</summary>
    SideBySide,
}

/// <summary>What the next steps do.</summary>
/// <param name="PrefillTokens">Most prompt positions of a slice or chunk.</param>
/// <param name="Hurries">Prompts wait in a backlog, and the target is stretched until it is worked off.</param>
internal readonly record struct PhaseChoice(PhaseSharing Sharing, int PrefillTokens, bool Hurries = false);
