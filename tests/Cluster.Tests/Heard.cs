using System.Collections.Immutable;
using System.Text;

namespace Splitwiser.Cluster.Tests;

/// <summary>What a caller heard of one answer. A gap or a repeat among the ids fails the test at once.</summary>
internal sealed class Heard(int from = 0)
{
    private readonly StringBuilder text = new();

    public ImmutableArray<int> Ids { get; private set; } = [];

    public string Text => text.ToString();

    public ImmutableArray<PositionLogprobs> Logprobs { get; private set; } = [];

    public GenerationStart? Start { get; private set; }

    public GenerationEnd? End { get; private set; }

    public void Add(TokenChunk chunk)
    {
        End.ShouldBeNull("a chunk follows the last one");
        chunk.FirstIndex.ShouldBe(from + Ids.Length);
        (chunk.Start is null).ShouldBe(Start is not null, "the first chunk, and no other, says how it started");
        Start ??= chunk.Start;
        Ids = Ids.AddRange(chunk.Ids);
        text.Append(chunk.Text);
        Logprobs = Logprobs.AddRange(chunk.Logprobs);
        End = chunk.End;
    }
}
