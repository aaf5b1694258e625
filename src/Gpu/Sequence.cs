using Splitwiser.Gpu.Kv;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu;

/// <summary>What a runner reads of one running request: its tokens, its pages and how to sample. The device worker writes it.</summary>
public sealed class Sequence
{
    private readonly int[] tokens;      // (capacity) prompt, then output, as known on the host
    private readonly PageId[] pages;    // (pages for capacity) page i holds positions 32i .. 32i+31

    /// <param name="slot">A small index, unique among the running sequences of the device: row of the device-side tables.</param>
    /// <param name="prompt">Tokens to prefill; at least one.</param>
    /// <param name="outputStart">Where generated tokens begin: the prompt's end, or before it when a stream is resumed with tokens already delivered.</param>
    /// <param name="capacity">Most tokens that the sequence may ever hold, prompt and output.</param>
    public Sequence(int slot, ReadOnlySpan<int> prompt, int outputStart, SamplingParams sampling, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(prompt.Length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, prompt.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(outputStart, prompt.Length);
        Slot = slot;
        OutputStart = outputStart;
        Sampling = sampling;
        tokens = new int[capacity];
        prompt.CopyTo(tokens);
        TokenCount = prompt.Length;
        pages = new PageId[PageId.CountFor(capacity + Lookahead)];
    }

    /// <summary>Positions past the last token that a step launched ahead may write.</summary>
    public const int Lookahead = 2;

    public int Slot { get; }
    public SamplingParams Sampling { get; }

    /// <summary>Index in <see cref="Tokens"/> of the first generated token: penalties and min_tokens count from here.</summary>
    public int OutputStart { get; }

    /// <summary>(words of the vocabulary) the tokens that may come next: bit i of word w is token 32 w + i; empty for all. Changes between its steps only.</summary>
    public ReadOnlyMemory<uint> Allowed { get; set; }

    /// <summary>What the prompt's positions are to show; null for nothing.</summary>
    public PromptProbe? Probe { get; init; }

    public int TokenCount { get; private set; }
    public int PageCount { get; private set; }
    public int Capacity => tokens.Length;

    /// <summary>(TokenCount) prompt and accepted output. The last sampled token is here before its keys and values are in the pages.</summary>
    public ReadOnlySpan<int> Tokens => tokens.AsSpan(0, TokenCount);

    /// <summary>(PageCount) the page table.</summary>
    public ReadOnlySpan<PageId> Pages => pages.AsSpan(0, PageCount);

    public void Append(int token) => tokens[TokenCount++] = token;

    public void AddPage(PageId page) => pages[PageCount++] = page;

    /// <summary>Forgets the page table: the sequence was preempted and will be prefilled again.</summary>
    public void DropPages() => PageCount = 0;
}
