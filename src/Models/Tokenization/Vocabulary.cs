namespace Splitwiser.Models.Tokenization;

/// <summary>The model's own tokens, by text and by id. Ids may have gaps.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> idsBySpan;
    private readonly Dictionary<int, string> texts;

    private Vocabulary(Dictionary<string, int> ids)
    {
        this.ids = ids;
        idsBySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        texts = new Dictionary<int, string>(ids.Count);
        foreach (var (text, id) in ids)
            texts[id] = text;
        HighestId = texts.Count == 0 ? -1 : texts.Keys.Max();
    }

    /// <summary>How many tokens have a text of their own.</summary>
    public int Count => ids.Count;

    /// <summary>The highest id, -1 in an empty vocabulary.</summary>
    public int HighestId { get; }

    public bool TryGetId(ReadOnlySpan<char> text, out int id) => idsBySpan.TryGetValue(text, out id);

    public string? Text(int id) => texts.GetValueOrDefault(id);

    /// <summary>Reads the "vocab" object of a BPE model: token text to id.</summary>
    public static Vocabulary Read(JsonPart part)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (text, id) in part.Members())
            ids[text] = id.Count();
        return new Vocabulary(ids);
    }
}
