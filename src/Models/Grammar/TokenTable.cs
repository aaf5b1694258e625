using Splitwiser.Models.Tokenization;

namespace Splitwiser.Models.Grammar;

/// <summary>
/// The bytes of a vocabulary's tokens as a tree, laid out depth first: a walk that leaves a subtree out jumps over it. Special tokens have no text and
/// are not in it. Immutable.
/// </summary>
public sealed class TokenTable
{
    private readonly byte[][] texts;    // (tokens) empty for special ones and for none
    private readonly byte[] values;     // (nodes) the byte that leads to the node
    private readonly short[] depths;    // (nodes) bytes before that
    private readonly int[] ends;        // (nodes) the node behind the subtree
    private readonly int[] tokens;      // (nodes) a token that ends here, -1 for none
    private readonly int[] twins;       // (tokens) another one with the same bytes, -1 for none

    private TokenTable(byte[][] texts, byte[] values, short[] depths, int[] ends, int[] tokens, int[] twins) =>
        (this.texts, this.values, this.depths, this.ends, this.tokens, this.twins) = (texts, values, depths, ends, tokens, twins);

    /// <summary>The model's vocabulary: ids from here on have no token.</summary>
    public int VocabularySize => texts.Length;

    /// <summary>Words of a mask.</summary>
    internal int MaskWords => (VocabularySize + 31) / 32;

    /// <summary>The decoder leaves a blank at the very beginning out, as Llama 2's does: a text may begin with one more than it will have.</summary>
    internal bool DropsFirstBlank { get; private init; }

    internal int NodeCount => values.Length;

    /// <param name="vocabularySize">Logits of the model; tokens past it can't be sampled.</param>
    public static TokenTable Of(Tokenizer tokenizer, int vocabularySize)
    {
        var texts = new byte[vocabularySize][];
        for (var id = 0; id < vocabularySize; id++)
            texts[id] = id >= tokenizer.VocabularySize || tokenizer.IsSpecial(id) || tokenizer.TokenBytes(id) is not { Length: < short.MaxValue } text ? [] : text;
        return Of(texts, LosesFirstBlank(tokenizer, texts));
    }

    internal static TokenTable Of(byte[][] texts, bool dropsFirstBlank = false)
    {
        int[] order = [.. Enumerable.Range(0, texts.Length).Where(id => texts[id].Length > 0)];
        Array.Sort(order, (a, b) => texts[a].AsSpan().SequenceCompareTo(texts[b]) is not 0 and var before ? before : a.CompareTo(b));
        var values = new List<byte>();
        var depths = new List<short>();
        var ends = new List<int>();
        var tokens = new List<int>();
        var twins = new int[texts.Length];
        Array.Fill(twins, -1);
        var open = new Stack<int>();
        byte[] last = [];
        foreach (var id in order)
        {
            var text = texts[id];
            if (text.AsSpan().SequenceEqual(last))
            {
                twins[id] = tokens[^1];
                tokens[^1] = id;
                continue;
            }
            var shared = text.AsSpan().CommonPrefixLength(last);
            while (open.Count > shared) ends[open.Pop()] = values.Count;
            for (var depth = shared; depth < text.Length; depth++)
            {
                open.Push(values.Count);
                values.Add(text[depth]);
                depths.Add((short)depth);
                ends.Add(0);
                tokens.Add(-1);
            }
            tokens[^1] = id;
            last = text;
        }
        while (open.TryPop(out var node)) ends[node] = values.Count;
        return new TokenTable(texts, [.. values], [.. depths], [.. ends], [.. tokens], twins) { DropsFirstBlank = dropsFirstBlank };
    }

    /// <summary>Empty for a special token and for an id without one.</summary>
    internal ReadOnlySpan<byte> TextOf(int token) => (uint)token < (uint)texts.Length ? texts[token] : [];

    /// <summary>The tokens that an automaton takes from a state on, as a mask.</summary>
    internal uint[] Walk(GrammarAutomaton automaton, GrammarState from)
    {
        var mask = new uint[MaskWords];
        foreach (var (id, _) in from.Tokens) Set(mask, id);
        var way = new GrammarState[64];
        way[0] = from;
        var work = 0L;      // readings that were followed
        for (var node = 0; node < values.Length;)
        {
            var depth = depths[node];
            work += way[depth].Effort;
            var next = depth > 0 && work > GrammarLimits.WalkedReadings ? GrammarState.Dead : automaton.Next(way[depth], values[node]);
            if (ReferenceEquals(next, GrammarState.Dead))
            {
                node = ends[node];
                continue;
            }
            for (var token = tokens[node]; token >= 0; token = twins[token]) Set(mask, token);
            if (depth + 1 == way.Length) Array.Resize(ref way, 2 * way.Length);
            way[depth + 1] = next;
            node++;
        }
        return mask;
    }

    private static bool LosesFirstBlank(Tokenizer tokenizer, byte[][] texts)
    {
        var id = Array.FindIndex(texts, text => text.Length > 1 && text[0] == (byte)' ' && text.AsSpan(1).IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0);
        return id >= 0 && tokenizer.Decode([id]).Length == texts[id].Length - 1;
    }

    private static void Set(uint[] mask, int token) => mask[token >> 5] |= 1u << token;
}
