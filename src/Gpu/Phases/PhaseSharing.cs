namespace Splitwiser.Gpu.Phases;

/// <summary>A way in which the two phases share a device while both have work.</summary>
internal enum PhaseSharing
{
    /// <summary>A slice of prefill, then a decode step.</summary>
    Turns,

    /// <summary>Decode rows and a chunk of prompt in one step.</summary>
    Mixed,

    /// <summary>Both lanes at once.</summary>
    SideBySide,

    /// <summary>Both lanes at once, each on its own multiprocessors.</summary>
    Partition,
}

/// <summary>What the policy chooses among: a way of sharing, with its split where there is one.</summary>
internal readonly record struct Mechanism(PhaseSharing Sharing, SmSplit? Split = null)
{
    /// <summary>Each phase runs on its own lane.</summary>
    public bool IsSideBySide => Sharing is PhaseSharing.SideBySide or PhaseSharing.Partition;

    public override string ToString() => Split is { } split ? $"{Sharing} {split}" : $"{Sharing}";
}

/// <summary>What the next steps do.</summary>
/// <param name="PrefillTokens">Most prompt positions of a slice or chunk.</param>
/// <param name="Hurries">Prompts wait in a backlog, and the target is stretched until it is worked off.</param>
/// <param name="Challenger">What would do a little better, and for how many decisions on end it would have.</param>
internal readonly record struct PhaseChoice(Mechanism Mechanism, int PrefillTokens, bool Hurries = false, Mechanism? Challenger = null, int Ahead = 0)
{
    public PhaseSharing Sharing => Mechanism.Sharing;
}
