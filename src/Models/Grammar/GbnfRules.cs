namespace Splitwiser.Models.Grammar;

/// <summary>What is true of the rules of a grammar as a whole: which may match nothing, which are regular, and that none begins with itself.</summary>
internal sealed class GbnfRules
{
    private readonly IReadOnlyDictionary<string, GbnfRule> rules;
    private readonly Dictionary<string, List<string>> referrers = new(StringComparer.Ordinal);  // who names a rule
    private readonly HashSet<string> optional = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> sizes = new(StringComparer.Ordinal);              // of the regular ones
    private readonly Dictionary<string, PatternPart> patterns = new(StringComparer.Ordinal);    // likewise

    /// <exception cref="GrammarException">A rule is missing, or begins with itself.</exception>
    public GbnfRules(IReadOnlyDictionary<string, GbnfRule> rules)
    {
        this.rules = rules;
        foreach (var rule in rules.Values)
            foreach (var reference in rule.Body.References())
            {
                if (!rules.ContainsKey(reference.Name)) throw reference.Place.Wrong($"there is no rule '{reference.Name}'");
                if (!referrers.TryGetValue(reference.Name, out var list)) referrers.Add(reference.Name, list = []);
                list.Add(rule.Name);
            }
        FindOptional();
        RequireGuarded();
        FindRegular();
    }

    public GbnfRule this[string name] => rules[name];

    public bool IsOptional(string name) => optional.Contains(name);

    /// <summary>It names no rule that leads back to itself.</summary>
    public bool IsRegular(GbnfPart part) => part.References().All(reference => sizes.ContainsKey(reference.Name));

    public bool IsRegular(string name) => sizes.ContainsKey(name);

    public long Size(GbnfPart part) => part.Size(name => sizes[name]);

    public PatternPart Pattern(GbnfPart part) => part.ToPattern(name => patterns[name]);

    private void FindOptional()
    {
        var open = new Queue<string>(rules.Keys);
        while (open.TryDequeue(out var name))
        {
            if (optional.Contains(name) || !rules[name].Body.IsOptional(IsOptional)) continue;
            optional.Add(name);
            foreach (var referrer in referrers.GetValueOrDefault(name) ?? []) open.Enqueue(referrer);
        }
    }

    /// <summary>Takes away, again and again, the rules that begin with none of those that are left: what stays goes in a circle.</summary>
    private void RequireGuarded()
    {
        var begins = rules.Values.ToDictionary(rule => rule.Name, rule => rule.Body.FirstReferences(IsOptional).DistinctBy(reference => reference.Name).ToList(), StringComparer.Ordinal);
        var left = Peel(begins.ToDictionary(pair => pair.Key, pair => pair.Value.ConvertAll(reference => reference.Name), StringComparer.Ordinal), _ => { });
        if (rules.Keys.FirstOrDefault(left.Contains) is not { } start) return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var name = start;
        while (seen.Add(name)) name = begins[name].First(reference => left.Contains(reference.Name)).Name;  // into the circle
        throw begins[name].First(reference => left.Contains(reference.Name)).Place.Wrong($"the rule '{name}' begins with itself, directly or through others (left recursion)");
    }

    /// <summary>A rule is regular once all rules that it names are.</summary>
    private void FindRegular() => Peel(
        rules.Values.ToDictionary(rule => rule.Name, rule => rule.Body.References().Select(reference => reference.Name).Distinct().ToList(), StringComparer.Ordinal),
        name =>
        {
            sizes[name] = Size(rules[name].Body);
            patterns[name] = Pattern(rules[name].Body);
        });

    /// <summary>Takes away the nodes that lead nowhere any more; returns the rest.</summary>
    private static HashSet<string> Peel(Dictionary<string, List<string>> edges, Action<string> taken)
    {
        var into = edges.SelectMany(pair => pair.Value.Select(to => (From: pair.Key, To: to))).ToLookup(edge => edge.To, edge => edge.From, StringComparer.Ordinal);
        var counts = edges.ToDictionary(pair => pair.Key, pair => pair.Value.Count, StringComparer.Ordinal);
        var left = new HashSet<string>(edges.Keys, StringComparer.Ordinal);
        var open = new Queue<string>(edges.Keys.Where(name => counts[name] == 0));
        while (open.TryDequeue(out var name))
        {
            left.Remove(name);
            taken(name);
            foreach (var from in into[name])
                if (--counts[from] == 0) open.Enqueue(from);
        }
        return left;
    }
}
