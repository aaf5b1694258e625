namespace Splitwiser.Bench;

/// <summary>A working set of prompts that is asked for again and again, beside streams that decode all the while.</summary>
/// <param name="Pages">Of the device's pool; null for as many as <paramref name="PoolBytes"/> hold.</param>
/// <param name="Times">How many pools the working set fills.</param>
/// <param name="HostTimes">Pages of main memory, in pools.</param>
/// <param name="Prompt">Tokens of a prompt.</param>
/// <param name="Shared">Share of its beginning that is the same each time it is asked for; the rest is new.</param>
/// <param name="Output">Tokens of an answer.</param>
/// <param name="Rounds">Times that each prompt is asked for after the first.</param>
/// <param name="Together">Requests at a time.</param>
/// <param name="Streams">Sequences that decode beside them.</param>
/// <param name="Ways">What to compare, in this order.</param>
internal sealed record CachePlan(
    string Shape, int? Pages, double? PoolBytes, double Times, double HostTimes, int Prompt, double Shared, int Output, int Rounds, int Together, int Streams, int Threads, bool BatchInvariant, IReadOnlyList<CacheWay> Ways)
{
    public int SharedTokens => (int)(Shared * Prompt) / Gpu.Kv.PageId.Size * Gpu.Kv.PageId.Size;

    /// <summary>A few prompts, once more each: what is compiled, recorded and timed at first is over then.</summary>
    public CachePlan Warming => this with { Times = 0, Rounds = 1 };

    /// <summary>Prompts whose shared beginnings fill the pool so many times.</summary>
    public int Prompts(int pages) => Math.Max(2 * Together, (int)Math.Ceiling(Times * pages / (SharedTokens / Gpu.Kv.PageId.Size)));
}
