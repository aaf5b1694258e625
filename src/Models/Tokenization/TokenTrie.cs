using System.Buffers;

namespace Splitwiser.Models.Tokenization;

/// <summary>Finds the leftmost, and there the longest, of a set of strings.</summary>
internal sealed class TokenTrie
{
    private readonly Dictionary<(int Node, char Next), int> edges = [];
    private readonly Dictionary<int, AddedToken> ends = [];
    private readonly SearchValues<char> firsts;

    public TokenTrie(IEnumerable<AddedToken> tokens)
    {
        var nodes = 1;
        foreach (var token in tokens)
        {
            var node = 0;
            foreach (var next in token.Pattern)
            {
                if (!edges.TryGetValue((node, next), out var child))
                    edges.Add((node, next), child = nodes++);
                node = child;
            }

            if (node != 0)
                ends.TryAdd(node, token);
        }

        firsts = SearchValues.Create([.. edges.Keys.Where(edge => edge.Node == 0).Select(edge => edge.Next)]);
    }

    /// <summary>The first match at or behind <paramref name="from"/>.</summary>
    public bool TryFind(ReadOnlySpan<char> text, int from, out int start, out AddedToken token)
    {
        for (start = from; ; start++)
        {
            var skipped = text[start..].IndexOfAny(firsts);
            start += Math.Max(skipped, 0);
            token = null!;
            if (skipped < 0)
                return false;
            for (int at = start, node = 0; at < text.Length && edges.TryGetValue((node, text[at]), out node); at++)
                token = ends.GetValueOrDefault(node) ?? token;
            if (token is not null)
                return true;
        }
    }
}
