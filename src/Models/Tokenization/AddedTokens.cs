using System.Text;
using Splitwiser.Models.Tokenization.Patterns;

namespace Splitwiser.Models.Tokenization;

/// <summary>The tokens beside the model's vocabulary: how they are found in text, and which id each has.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<string, AddedToken> byContent = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> byId = [];
    private readonly TokenTrie asWritten;
    private readonly TokenTrie asNormalized;

    private AddedTokens(IEnumerable<AddedToken> tokens)
    {
        foreach (var token in tokens)
        {
            byContent[token.Content] = token;
            byId[token.Id] = token;
        }

        asWritten = new TokenTrie(byId.Values.Where(token => !token.Normalized));
        asNormalized = new TokenTrie(byId.Values.Where(token => token.Normalized));
        HighestId = byId.Count == 0 ? -1 : byId.Keys.Max();
    }

    /// <summary>The highest id, -1 where there are none.</summary>
    public int HighestId { get; }

    public bool TryGet(string content, out AddedToken? token) => byContent.TryGetValue(content, out token);

    public AddedToken? ById(int id) => byId.GetValueOrDefault(id);

    /// <summary>
    /// Reads "added_tokens". As in the reference, a token has the id of its text in the vocabulary; one that is new there gets the
    /// next free id behind it, in the order of the file.
    /// </summary>
    public static AddedTokens Read(JsonPart? part, Vocabulary vocabulary, Func<string, string> normalize)
    {
        var tokens = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        var next = vocabulary.Count;
        foreach (var item in part?.Items() ?? [])
        {
            var content = item["content"].Text();
            item["id"].Count();
            if (content.Length == 0)
                continue;
            var known = tokens.TryGetValue(content, out var earlier);
            var id = known ? earlier!.Id : vocabulary.TryGetId(content, out var own) ? own : next++;
            var normalized = Flag(item, "normalized");
            tokens[content] = new AddedToken(id, content, normalized ? normalize(content) : content,
                Flag(item, "single_word"), Flag(item, "lstrip"), Flag(item, "rstrip"), normalized, Flag(item, "special"));
        }

        return new AddedTokens(tokens.Values);

        static bool Flag(JsonPart item, string name) => item[name].Flag();
    }

    /// <summary>Cuts the text into added tokens and what lies between them; nothing is empty, nothing is lost.</summary>
    public List<Segment> Cut(ReadOnlyMemory<char> text, bool normalized)
    {
        var trie = normalized ? asNormalized : asWritten;
        var segments = new List<Segment>();
        var span = text.Span;
        var done = 0;
        for (var from = 0; trie.TryFind(span, from, out var start, out var token);)
        {
            var end = start + token.Pattern.Length;
            from = end;
            if (token.SingleWord && (EndsInWord(span[..start]) || StartsWithWord(span[end..])))
                continue;
            if (token.StripLeft)
                start = start > done ? start - TrailingSpace(span[done..start]) : done;
            if (token.StripRight)
                end += span.Length - end - span[end..].TrimStart().Length;
            if (done < start)
                segments.Add(new Segment(text[done..start], null));
            if (start < end) // else the token before has taken all of it along
                segments.Add(new Segment(text[start..end], token));
            done = end;
        }

        if (done < span.Length)
            segments.Add(new Segment(text[done..], null));
        return segments;
    }

    private static int TrailingSpace(ReadOnlySpan<char> text) => text.Length - text.TrimEnd().Length;

    private static bool EndsInWord(ReadOnlySpan<char> text) => Rune.DecodeLastFromUtf16(text, out var rune, out _) == 0 && IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text) => Rune.DecodeFromUtf16(text, out var rune, out _) == 0 && IsWord(rune);

    private static bool IsWord(Rune rune) => CharacterSets.Word.Contains(rune.Value) || rune.Value is 0x200C or 0x200D; // the joiners
}
