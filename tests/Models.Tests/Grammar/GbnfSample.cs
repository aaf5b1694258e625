using System.Text;

namespace Splitwiser.Models.Tests.Grammar;

/// <summary>A random grammar that knows its own texts: it writes itself as GBNF, draws texts, and reads them back, all without the engine.</summary>
internal sealed class GbnfSample
{
    private readonly List<Part[][]> rules = [];     // (rules) alternatives of sequences; rule 0 is the root
    private readonly Random random;

    public GbnfSample(Random random)
    {
        this.random = random;
        var count = random.Next(1, 6);
        for (var rule = 0; rule < count; rule++) rules.Add([.. Enumerable.Range(0, random.Next(1, 4)).Select(i => Sequence(rule, count, plain: i == 0))]);
    }

    private enum Shape { Text, Class, Rule }

    public override string ToString()
    {
        var text = new StringBuilder();
        for (var rule = 0; rule < rules.Count; rule++)
            text.Append(Name(rule)).Append(" ::= ").AppendJoin(" | ", rules[rule].Select(sequence => string.Join(' ', sequence.Select(Written)))).Append('\n');
        return text.ToString();
    }

    /// <summary>A text of it.</summary>
    public string Draw()
    {
        var text = new StringBuilder();
        Draw(0, text, 0);
        return text.ToString();
    }

    public bool Matches(string text) => Ends(0, text, 0, []).Contains(text.Length);

    private static string Name(int rule) => rule == 0 ? "root" : $"rule-{rule}";

    /// <summary>A rule that may lead back to this one stands behind a text, so that none begins with itself; the first alternative has none.</summary>
    private Part[] Sequence(int rule, int count, bool plain)
    {
        var parts = new List<Part>();
        for (var left = random.Next(1, 4); left > 0; left--)
        {
            var later = rule + 1 < count;
            var named = (Shape)random.Next(3) == Shape.Rule && (later || (!plain && parts.Count > 0));
            var part = named
                ? new Part(Shape.Rule, "", plain || parts.Count == 0 ? random.Next(rule + 1, Math.Max(rule + 2, count)) : random.Next(count))
                : new Part(random.Next(2) == 0 ? Shape.Text : Shape.Class, Letters(), 0);
            if (named && part.Rule >= count) part = new Part(Shape.Text, Letters(), 0);
            parts.Add(parts.Count > 0 && random.Next(3) == 0 && part.Shape != Shape.Rule ? part with { Least = random.Next(2), Most = random.Next(2) == 0 ? null : random.Next(2, 4) } : part);
            if (parts.Count == 1 && parts[0].Shape == Shape.Rule) parts.Insert(0, new Part(Shape.Text, Letters(), 0));
        }
        return [.. parts];
    }

    private string Letters() => string.Concat(Enumerable.Range(0, random.Next(1, 3)).Select(_ => "abcé"[random.Next(4)]));

    private static string Written(Part part)
    {
        var once = part.Shape switch { Shape.Text => $"\"{part.Letters}\"", Shape.Class => $"[{part.Letters}]", _ => Name(part.Rule) };
        return part switch { { Least: 1, Most: 1 } => once, { Least: 0, Most: null } => $"({once})*", { Most: null } => $"{once}+", _ => $"{once}{{{part.Least},{part.Most}}}" };
    }

    private void Draw(int rule, StringBuilder text, int depth)
    {
        foreach (var part in rules[rule][depth > 5 ? 0 : random.Next(rules[rule].Length)])
            for (var left = random.Next(part.Least, (part.Most ?? part.Least + 2) + 1); left > 0; left--)
            {
                if (part.Shape == Shape.Rule) Draw(part.Rule, text, depth + 1);
                else text.Append(part.Shape == Shape.Text ? part.Letters : part.Letters[random.Next(part.Letters.Length)].ToString());
            }
    }

    /// <summary>Where texts of the rule that begin here may end.</summary>
    private HashSet<int> Ends(int rule, string text, int from, Dictionary<(int, int), HashSet<int>> known)
    {
        if (known.TryGetValue((rule, from), out var found)) return found;
        known[(rule, from)] = found = [];
        foreach (var sequence in rules[rule])
        {
            HashSet<int> here = [from];
            foreach (var part in sequence) here = Behind(part, text, here, known);
            found.UnionWith(here);
        }
        return found;
    }

    private HashSet<int> Behind(Part part, string text, HashSet<int> here, Dictionary<(int, int), HashSet<int>> known)
    {
        HashSet<int> all = part.Least == 0 ? [.. here] : [];
        for (var count = 1; count <= (part.Most ?? text.Length + 1) && here.Count > 0; count++)
        {
            here = [.. here.SelectMany(from => Once(part, text, from, known))];
            if (count >= part.Least) all.UnionWith(here);
        }
        return all;
    }

    private IEnumerable<int> Once(Part part, string text, int from, Dictionary<(int, int), HashSet<int>> known) => part.Shape switch
    {
        Shape.Rule => Ends(part.Rule, text, from, known),
        Shape.Text => text.AsSpan(from).StartsWith(part.Letters, StringComparison.Ordinal) ? [from + part.Letters.Length] : [],
        _ => from < text.Length && part.Letters.Contains(text[from]) ? [from + 1] : [],
    };

    private sealed record Part(Shape Shape, string Letters, int Rule, int Least = 1, int? Most = 1);
}
