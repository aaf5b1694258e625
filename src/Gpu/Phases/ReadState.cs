namespace Splitwiser.Gpu.Phases;

/// <summary>What a reader finds at its place: a token, the end, an error, or nothing yet.</summary>
internal readonly record struct ReadState(bool IsDecided, bool HasToken, Exception? Failure)
{
    public static readonly ReadState Undecided = new(false, false, null);
    public static readonly ReadState Ready = new(true, true, null);
    public static readonly ReadState AtEnd = new(true, false, null);

    public static ReadState Failed(Exception failure) => new(true, false, failure);
}
