using System.Text;
using System.Text.Json;

namespace Splitwiser.Models.Grammar;

/// <summary>Makes nodes of what schemas say of a value: one for each type that it may have.</summary>
/// <param name="nodeOf">The node of schemas that hold at one place.</param>
internal sealed class ValueNodes(Func<IReadOnlyList<SchemaPart>, GrammarNode> nodeOf)
{
    private long terminalBytes;

    /// <exception cref="GrammarException">The keywords contradict each other, or need too large a terminal.</exception>
    public List<GrammarNode> Of(SchemaFacts facts)
    {
        if (facts.Values is not null) return Listed(facts);
        if (facts.IsUntouched && facts.Types == SchemaTypes.All) return [AnyValue.Node];
        var types = facts.AllowedTypes;
        var nodes = new List<GrammarNode>();
        if (types.HasFlag(SchemaTypes.Object)) nodes.Add(Object(facts));
        if (types.HasFlag(SchemaTypes.Array)) nodes.Add(Array(facts));
        nodes.AddRange(Scalars(facts, types));
        return nodes;
    }

    public static SchemaTypes TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => SchemaTypes.Null,
        JsonValueKind.True or JsonValueKind.False => SchemaTypes.Boolean,
        JsonValueKind.String => SchemaTypes.String,
        JsonValueKind.Array => SchemaTypes.Array,
        JsonValueKind.Object => SchemaTypes.Object,
        _ => value.TryGetDecimal(out var number) && number == decimal.Truncate(number) ? SchemaTypes.Integer : SchemaTypes.Fraction,
    };

    /// <summary>The listed values that all the other keywords allow, as they are written.</summary>
    private List<GrammarNode> Listed(SchemaFacts facts)
    {
        var others = new List<TerminalNode>(Scalars(facts, facts.Types & ~(SchemaTypes.Array | SchemaTypes.Object)));
        var texts = new List<byte[]>();
        foreach (var value in facts.Values!)
        {
            var type = TypeOf(value);
            if ((type & facts.Types) == 0) continue;
            var text = Write(value, facts.At);
            if (type is SchemaTypes.Array or SchemaTypes.Object)
            {
                if ((facts.Described & type) != 0) throw facts.At.Wrong("enum", "enum and const of objects and arrays can't be honoured beside further keywords for these");
                texts.Add(text);
            }
            else if (type is SchemaTypes.Integer or SchemaTypes.Fraction ? Fits(value, facts) : others.Any(other => other.Matcher.IsMatch(text))) texts.Add(text);
        }
        return texts.Count == 0 ? [] : [Terminal(ByteTexts.ToDfa(texts))];
    }

    private static bool Fits(JsonElement value, SchemaFacts facts)
    {
        if (!value.TryGetDecimal(out var number)) return facts is { Least: null, Most: null, Divisors.Count: 0 };
        return !(facts.Least > number || (facts.Least == number && facts.LeastExcluded))
            && !(facts.Most < number || (facts.Most == number && facts.MostExcluded))
            && facts.Divisors.All(divisor => divisor > 0 && number % divisor == 0);
    }

    private IEnumerable<TerminalNode> Scalars(SchemaFacts facts, SchemaTypes types)
    {
        if (types.HasFlag(SchemaTypes.String)) yield return Terminal(String(facts));
        if ((types & SchemaTypes.Number) != 0) yield return Terminal(Number(facts, integer: !types.HasFlag(SchemaTypes.Fraction)));
        if (types.HasFlag(SchemaTypes.Boolean))
        {
            yield return new TerminalNode(JsonTerminals.True);
            yield return new TerminalNode(JsonTerminals.False);
        }
        if (types.HasFlag(SchemaTypes.Null)) yield return new TerminalNode(JsonTerminals.Null);
    }

    private static ByteDfa String(SchemaFacts facts)
    {
        var bounded = facts.MinLength > 0 || facts.MaxLength is not null;
        if (!bounded && facts.Patterns.Count == 0) return JsonTerminals.String;
        ByteDfa? all = null;
        foreach (var pattern in facts.Patterns)
        {
            var next = pattern.ToDfa(Spelling.JsonString, "\"");
            all = all is null ? next : ByteDfa.Both(all, next);
        }
        if (!bounded) return all!;
        var length = new PatternRepeat(((PatternRepeat)PatternPart.Anything).Part, facts.MinLength, facts.MaxLength).ToDfa(Spelling.JsonString, "\"");
        return all is null ? length : ByteDfa.Both(all, length);
    }

    private static ByteDfa Number(SchemaFacts facts, bool integer)
    {
        if (facts is { Least: null, Most: null, Divisors.Count: 0 }) return integer ? Numbers.AnyInteger : Numbers.Any;
        var all = Numbers.Between(facts.Least, facts.LeastExcluded, facts.Most, facts.MostExcluded, integer);
        return facts.Divisors.Aggregate(all, (numbers, divisor) => ByteDfa.Both(numbers, Numbers.MultiplesOf(divisor)));
    }

    private ArrayNode Array(SchemaFacts facts)
    {
        if (facts.Items.Count == 0) return new ArrayNode([], AnyValue.Node, facts.MinItems, facts.MaxItems);
        var count = facts.Items.Max(items => items.First.Count);
        var first = new List<GrammarNode>();
        for (var i = 0; i < count; i++) first.Add(Item(facts, i));
        return new ArrayNode(first, Item(facts, count), facts.MinItems, facts.MaxItems);
    }

    private GrammarNode Item(SchemaFacts facts, int index)
    {
        SchemaPart[] parts = [.. facts.Items.Select(items => items.At(index)).OfType<SchemaPart>()];
        return parts.Length == 0 ? AnyValue.Node : nodeOf(parts);
    }

    /// <summary>
    /// Members in the order in which the schema names them. An object with properties has no others unless additionalProperties says so: a
    /// model must not add what nobody asked for.
    /// </summary>
    private ObjectNode Object(SchemaFacts facts)
    {
        var names = facts.Members.SelectMany(members => members.Named).Select(member => member.Name).Concat(facts.Required).Distinct().ToArray();
        if (names.Length > GrammarLimits.Nodes) throw facts.At.Wrong("properties", "there are too many properties");
        var isClosed = facts.Members.Any(members => members.Others is { Element.ValueKind: JsonValueKind.False });
        var isOpen = !isClosed && (facts.Members.All(members => members.Named.Count == 0 && members.Others is null) || facts.Members.Any(members => members.Others is not null));
        GrammarNode? others = isOpen ? Joined(facts.Members.Select(members => members.Others)) : null;
        var list = new List<ObjectMember>();
        foreach (var name in names)
        {
            var isNamed = facts.Members.Any(members => members.Named.Any(member => member.Name == name));
            var value = isNamed
                ? Joined(facts.Members.Select(members => members.Named.FirstOrDefault(member => member.Name == name) is { Name: not null } own ? own.Schema : members.Others))
                : Joined(facts.Members.Select(members => members.Others));
            list.Add(new ObjectMember(JsonTerminals.Key(name), value, facts.Required.Contains(name)));
        }
        var rest = others is null ? null : new ObjectMember(Counted(JsonTerminals.KeyBut(names)), others, Required: false);
        return new ObjectNode(list, rest, facts.MinProperties, facts.MaxProperties);
    }

    private GrammarNode Joined(IEnumerable<SchemaPart?> schemas)
    {
        SchemaPart[] parts = [.. schemas.OfType<SchemaPart>()];
        return parts.Length == 0 ? AnyValue.Node : nodeOf(parts);
    }

    private TerminalNode Terminal(ByteDfa dfa) => new(Counted(dfa)) { Height = dfa.IsEmpty ? GrammarNode.Impossible : 0 };

    private ByteMatcher Counted(ByteMatcher matcher)
    {
        if ((terminalBytes += matcher.Bytes) > GrammarLimits.TerminalBytes) throw new GrammarException("", "schema", "the schema is too large: its patterns, ranges and lists need too much memory");
        return matcher;
    }

    private static byte[] Write(JsonElement value, SchemaPart at)
    {
        var text = new List<byte>();
        Write(value);
        return [.. text];

        void Write(JsonElement element)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.String:
                    text.AddRange(SpellingExtensions.JsonString(Text(element)));
                    break;
                case JsonValueKind.Array:
                    text.Add((byte)'[');
                    foreach (var item in element.EnumerateArray())
                    {
                        if (text[^1] != '[') text.Add((byte)',');
                        Write(item);
                    }
                    text.Add((byte)']');
                    break;
                case JsonValueKind.Object:
                    text.Add((byte)'{');
                    foreach (var member in element.EnumerateObject())
                    {
                        if (text[^1] != '{') text.Add((byte)',');
                        text.AddRange(SpellingExtensions.JsonString(member.Name));
                        text.Add((byte)':');
                        Write(member.Value);
                    }
                    text.Add((byte)'}');
                    break;
                default:
                    text.AddRange(Encoding.UTF8.GetBytes(element.GetRawText()));
                    break;
            }
        }

        string Text(JsonElement element)
        {
            try
            {
                return element.GetString()!;
            }
            catch (InvalidOperationException)
            {
                throw at.Wrong("enum", "a listed value has half of a surrogate pair");
            }
        }
    }
}
