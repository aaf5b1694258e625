using System.Text;
using System.Text.Json;
using Splitwiser.Models.Tokenization.Decoders;
using Splitwiser.Models.Tokenization.Normalizers;
using Splitwiser.Models.Tokenization.PreTokenizers;

namespace Splitwiser.Models.Tokenization;

/// <summary>
/// A Hugging Face tokenizer.json with a BPE model, byte-level or with byte fallback: text to token ids and back, exactly as the
/// tokenizers library does it. Safe for use by many threads at once.
/// </summary>
public sealed class Tokenizer
{
    private readonly AddedTokens added;
    private readonly Normalizer? normalizer;
    private readonly PreTokenizer? preTokenizer;
    private readonly BytePairModel model;
    private readonly SpecialTokenFrame frame;
    private readonly TokenDecoder decoder;

    private Tokenizer(JsonPart root, ConfiguredFrame? configured)
    {
        model = new BytePairModel(root["model"]);
        normalizer = Normalizer.Read(root.Member("normalizer"));
        preTokenizer = PreTokenizer.Read(root.Member("pre_tokenizer"));
        frame = SpecialTokenFrame.Read(root.Member("post_processor"));
        decoder = TokenDecoder.Read(root.Member("decoder"));
        added = AddedTokens.Read(root.Member("added_tokens"), model.Vocabulary, Normalize);
        if (configured is not null) frame = new SpecialTokenFrame([.. Id(configured.Bos, root)], [.. Id(configured.Eos, root)]);
        VocabularySize = 1 + Math.Max(model.Vocabulary.HighestId, added.HighestId);
    }

    /// <summary>The highest id + 1, added tokens included.</summary>
    public int VocabularySize { get; }

    /// <summary>Reads a tokenizer.json.</summary>
    /// <exception cref="ModelFormatException">The file can't be read, is malformed, or asks for what is not served.</exception>
    public static Tokenizer Load(string path) => Load(path, null);

    /// <param name="configured">Stands in the place of the file's post-processor; null where that counts.</param>
    internal static Tokenizer Load(string path, ConfiguredFrame? configured)
    {
        try
        {
            return Read(path, File.ReadAllBytes(path), configured);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException(path, "$", "a file that can be read", e.Message, e);
        }
    }

    /// <summary>Reads the contents of a tokenizer.json; <paramref name="file"/> is its name in messages.</summary>
    internal static Tokenizer Read(string file, ReadOnlyMemory<byte> contents, ConfiguredFrame? configured = null)
    {
        try
        {
            using var document = JsonDocument.Parse(contents);
            return new Tokenizer(new JsonPart(file, document.RootElement), configured);
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(file, e.Path ?? "$", "JSON", e.Message, e);
        }
    }

    /// <summary>The ids of a text; with the special tokens around it that the post-processor asks for, unless told otherwise. Megabytes take seconds.</summary>
    public int[] Encode(string text, bool addSpecialTokens = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>((text.Length / 3) + frame.Count);
        if (addSpecialTokens)
            ids.AddRange(frame.Before);
        EncodeText(WellFormed(text), ids, cancellationToken);
        if (addSpecialTokens)
            ids.AddRange(frame.Behind);
        return [.. ids];
    }

    /// <summary>The text of the ids. Ids that stand for nothing are skipped; bytes that are no UTF-8 become U+FFFD.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        var stream = new StreamingDecoder(this, skipSpecialTokens);
        return stream.Append(ids) + stream.Flush();
    }

    /// <summary>The id of a token given in the vocabulary's own spelling.</summary>
    public bool TryGetId(string token, out int id)
    {
        if (!added.TryGet(token, out var found))
            return model.Vocabulary.TryGetId(token, out id);
        id = found!.Id;
        return true;
    }

    /// <summary>A token in the vocabulary's own spelling, null where there is none.</summary>
    public string? TokenText(int id) => added.ById(id)?.Content ?? model.Vocabulary.Text(id);

    /// <summary>The bytes that a token stands for, whole characters or not; none for an id without a token.</summary>
    public byte[] TokenBytes(int id)
    {
        var text = TokenText(id);
        if (text is null)
            return [];
        return decoder.Bytes(ref text) ?? Encoding.UTF8.GetBytes(text);
    }

    /// <summary>Whether decoding can leave this token out.</summary>
    public bool IsSpecial(int id) => TokenText(id) is { } text && added.TryGet(text, out var token) && token!.Special;

    /// <summary>The id of a token that is to be added; none for null.</summary>
    private IEnumerable<int> Id(string? token, JsonPart root) =>
        token is null ? [] : TryGetId(token, out var id) ? [id] : throw root["model"]["vocab"].Wrong($"the token {token}, which tokenizer_config.json adds to every text");

    internal TokenSink OpenDecoder(TextSink sink) => decoder.Open(sink);

    // Added tokens are cut out first from the text as it stands, then from what lies between them once that is normalized.
    private void EncodeText(string text, List<int> ids, CancellationToken cancellationToken)
    {
        var scratch = new BytePairWord();
        var first = true;
        foreach (var segment in added.Cut(text.AsMemory(), normalized: false))
        {
            if (segment.Token is { } token)
                ids.Add(token.Id);
            else
                EncodeNormalized(Normalize(segment.Text), first, ids, scratch, cancellationToken);
            first = false;
        }
    }

    private void EncodeNormalized(ReadOnlyMemory<char> text, bool first, List<int> ids, BytePairWord scratch, CancellationToken cancellationToken)
    {
        var parts = new List<Piece>();
        foreach (var segment in added.Cut(text, normalized: true))
        {
            cancellationToken.ThrowIfCancellationRequested();
            parts.Clear();
            if (segment.Token is { } token)
                ids.Add(token.Id);
            else if (preTokenizer is null)
                parts.Add(new Piece(segment.Text, first));
            else
                preTokenizer.Split(new Piece(segment.Text, first), parts);
            foreach (var part in parts)
                model.Encode(part.Text.Span, ids, scratch, cancellationToken);
            first = false;
        }
    }

    private string Normalize(string text) => normalizer is null ? text : normalizer.Apply(text);

    private ReadOnlyMemory<char> Normalize(ReadOnlyMemory<char> text) => normalizer is null ? text : normalizer.Apply(text.ToString()).AsMemory();

    // Half a surrogate pair is no character; it reads as U+FFFD, as in UTF-8.
    private static string WellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return string.Concat(text.EnumerateRunes());
            i++;
        }

        return text;
    }
}
