namespace Splitwiser.Bench;

/// <summary>A working set of prompts that is asked for again and again, beside streams that decode all the while.</summary>
/// <param name="Pages">Of the device's pool; null for as many as <paramref name="PoolBytes"/> hold.</param>
/// <param name="Times">How many pools the working set fills.</param>
/// <param name="Prompt">Tokens of a prompt.</param>
/// <param name="Shared">Share of its beginning that is the same each time it is asked for; the rest is new.</param>
/// <param name="Output">Tokens of an answer.</param>
/// <param name="Rounds">Times that each prompt is asked for after the first.</param>
/// <param name="Together">Requests at a time.</param>
/// <param name="Streams">Sequences that decode beside them.</param>
internal sealed record CachePlan(
    string Shape, int? Pages, double? PoolBytes, double Times, int Prompt, double Shared, int Output, int Rounds, int Together, int Streams, int Threads)
{
    /// <summary>Pages of main memory, in pools: room for the working set and for what is new in each round.</summary>
    public double HostTimes => 1.5 * Times;

    public int SharedTokens => (int)(Shared * Prompt) / Gpu.Kv.PageId.Size * Gpu.Kv.PageId.Size;

    /// <summary>Prompts whose shared beginnings fill the pool so many times.</summary>
    public int Prompts(int pages) => Math.Max(2, (int)Math.Ceiling(Times * pages / (SharedTokens / Gpu.Kv.PageId.Size)));
}
