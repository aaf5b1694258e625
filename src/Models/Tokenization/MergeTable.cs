using System.Text;
using System.Text.Json;

namespace Splitwiser.Models.Tokenization;

/// <summary>Which pairs of tokens merge, in which order, into what.</summary>
internal sealed class MergeTable
{
    private readonly Dictionary<(int Left, int Right), Merge> merges;

    private MergeTable(Dictionary<(int, int), Merge> merges) => this.merges = merges;

    public bool TryGet(int left, int right, out Merge merge) => merges.TryGetValue((left, right), out merge);

    /// <summary>Reads "merges" in either spelling: "a b" or ["a", "b"]. Of a pair that is listed twice the later entry counts.</summary>
    public static MergeTable Read(JsonPart part, Vocabulary vocabulary, string prefix)
    {
        var merges = new Dictionary<(int, int), Merge>();
        var rank = 0;
        var joined = new StringBuilder();
        foreach (var item in part.Items())
        {
            if (Pair(item) is not var (left, right))
                continue;
            if (!right.StartsWith(prefix, StringComparison.Ordinal))
                throw item.Wrong($"a second part that begins with continuing_subword_prefix \"{prefix}\"");
            joined.Clear().Append(left).Append(right, prefix.Length, right.Length - prefix.Length);
            merges[(Id(left), Id(right))] = new Merge(rank++, Id(joined.ToString()));

            int Id(string token) => vocabulary.TryGetId(token, out var id)
                ? id
                : throw item.Wrong("a merge of tokens of the vocabulary into one", $"\"{token}\", which is not in it");
        }

        return new MergeTable(merges);
    }

    private static (string Left, string Right)? Pair(JsonPart item)
    {
        if (item.Element.ValueKind == JsonValueKind.Array)
        {
            var pair = item.Items().Select(part => part.Text()).ToArray();
            return pair.Length == 2 ? (pair[0], pair[1]) : throw item.Wrong("two tokens");
        }

        var line = item.Text();
        if (line.StartsWith("#version", StringComparison.Ordinal))
            return null;
        var parts = line.Split(' ');
        return parts.Length == 2 ? (parts[0], parts[1]) : throw item.Wrong("two tokens and one space between them");
    }
}
