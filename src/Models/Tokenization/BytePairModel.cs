using System.Runtime.InteropServices;
using System.Text;

namespace Splitwiser.Models.Tokenization;

/// <summary>
/// Byte-pair encoding (Sennrich et al., arXiv 1508.07909): a piece starts as one token a character, then the pair with the lowest
/// rank, leftmost first, is merged until no pair of neighbours is in the list.
/// </summary>
internal sealed class BytePairModel
{
    private readonly Vocabulary vocabulary;
    private readonly MergeTable merges;
    private readonly WordCache words = new();
    private readonly JsonPart source;
    private readonly string? unknown;
    private readonly bool fuseUnknown;
    private readonly bool ignoreMerges;
    private readonly string prefix; // before every character but a piece's first
    private readonly string suffix; // behind a piece's last character
    private readonly int[]? fallback; // (256): the token of each byte, -1 where there is none

    public BytePairModel(JsonPart part)
    {
        if (part.Member("type") is { } type && type.Text() != "BPE")
            throw type.Wrong("\"BPE\", the one model that is served");
        if (part.Member("dropout") is { } dropout && dropout.Element.ToString() is not ("0" or "0.0"))
            throw dropout.Wrong("null or 0: a random tokenization can't be served");
        source = part.Place();
        vocabulary = Vocabulary.Read(part["vocab"]);
        unknown = part.Member("unk_token")?.Text();
        prefix = part.Member("continuing_subword_prefix")?.Text() ?? "";
        suffix = part.Member("end_of_word_suffix")?.Text() ?? "";
        fuseUnknown = part.Member("fuse_unk")?.Flag() ?? false;
        ignoreMerges = part.Member("ignore_merges")?.Flag() ?? false;
        if (part.Member("byte_fallback")?.Flag() ?? false)
            fallback = [.. Enumerable.Range(0, 256).Select(b => vocabulary.TryGetId($"<0x{b:X2}>", out var id) ? id : -1)];
        merges = MergeTable.Read(part["merges"], vocabulary, prefix);
    }

    public Vocabulary Vocabulary => vocabulary;

    /// <summary>Adds the piece's tokens to <paramref name="ids"/>.</summary>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids, BytePairWord scratch, CancellationToken cancellationToken)
    {
        if (piece.IsEmpty)
            return;
        if (ignoreMerges && vocabulary.TryGetId(piece, out var whole))
        {
            ids.Add(whole);
            return;
        }

        if (words.TryGet(piece, out var known))
        {
            ids.AddRange(known);
            return;
        }

        scratch.Clear();
        Spell(piece, scratch);
        scratch.Merge(merges, cancellationToken);
        var start = ids.Count;
        scratch.CopyTo(ids);
        words.Add(piece, CollectionsMarshal.AsSpan(ids)[start..]);
    }

    // One token a character; a character without one becomes its bytes' tokens or the unknown token. A pending unknown token
    // waits for the next known character (not for bytes): that is the reference's order.
    private void Spell(ReadOnlySpan<char> piece, BytePairWord word)
    {
        var pending = false;
        for (var at = 0; at < piece.Length;)
        {
            Rune.DecodeFromUtf16(piece[at..], out _, out var length);
            var first = at == 0;
            var character = piece.Slice(at, length);
            at += length;
            var last = at == piece.Length;
            if (prefix.Length > 0 && !first)
                character = string.Concat(prefix, character);
            if (suffix.Length > 0 && last)
                character = string.Concat(character, suffix);
            if (vocabulary.TryGetId(character, out var id))
            {
                if (pending)
                    word.Add(Unknown());
                pending = false;
                word.Add(id);
            }
            else if (!SpellBytes(character, word) && unknown is not null)
            {
                if (pending && !fuseUnknown)
                    word.Add(Unknown());
                pending = true;
            }
        }

        if (pending)
            word.Add(Unknown());
    }

    private bool SpellBytes(ReadOnlySpan<char> character, BytePairWord word)
    {
        if (fallback is null)
            return false;
        var bytes = new byte[Encoding.UTF8.GetByteCount(character)];
        Encoding.UTF8.GetBytes(character, bytes);
        foreach (var b in bytes)
        {
            if (fallback[b] < 0)
                return false;
        }

        foreach (var b in bytes)
            word.Add(fallback[b]);
        return true;
    }

    private int Unknown() => vocabulary.TryGetId(unknown, out var id)
        ? id
        : throw source.Wrong("an unk_token that is in the vocabulary, since the text has a character that is not", $"\"{unknown}\"");
}
