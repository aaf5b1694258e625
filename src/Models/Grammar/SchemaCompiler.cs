using System.Text.Json;

namespace Splitwiser.Models.Grammar;

/// <summary>
/// Makes a grammar of a JSON schema. Schemas that hold together at one place become one node, found again by their names, so that recursive schemas
/// become recursive grammars; nodes are filled one after the other, never one inside the other, however deep the schema is.
/// </summary>
internal sealed class SchemaCompiler
{
    private readonly SchemaDocument document;
    private readonly ValueNodes values;
    private readonly Dictionary<string, ChoiceNode> nodes = [];
    private readonly Queue<(ChoiceNode Node, IReadOnlyList<SchemaPart> Parts)> unfilled = [];

    private SchemaCompiler(JsonElement root)
    {
        document = new SchemaDocument(root);
        values = new ValueNodes(NodeOf);
    }

    /// <exception cref="GrammarException">It is no schema, asks for what can't be honoured, or is too large.</exception>
    public static GrammarNode Compile(string schema)
    {
        if (schema.Length > GrammarLimits.SourceLength) throw new GrammarException("#", "schema", $"#: the schema is longer than {GrammarLimits.SourceLength} characters");
        try
        {
            using var json = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = 64 });
            return new SchemaCompiler(json.RootElement).Compile();
        }
        catch (JsonException e)
        {
            throw new GrammarException("#", "schema", $"#: the schema is no JSON, or nested too deep: {e.Message}");
        }
    }

    private ChoiceNode Compile()
    {
        var root = NodeOf([document.Root]);
        while (unfilled.TryDequeue(out var next)) next.Node.Options = Options(next.Parts);
        return root;
    }

    /// <summary>The node of all schemas that hold at one place.</summary>
    private ChoiceNode NodeOf(IReadOnlyList<SchemaPart> parts)
    {
        var key = string.Join('\n', parts.Select(part => part.Key).Distinct().Order(StringComparer.Ordinal));
        if (nodes.TryGetValue(key, out var node)) return node;
        if (nodes.Count >= GrammarLimits.Nodes) throw parts[0].Wrong("schema", "the schema is too large: its parts combine in too many ways");
        nodes.Add(key, node = new ChoiceNode());
        unfilled.Enqueue((node, parts));
        return node;
    }

    private List<GrammarNode> Options(IReadOnlyList<SchemaPart> parts)
    {
        var flat = document.Flatten(parts);
        for (var i = 0; i < flat.Count; i++)
        {
            var part = flat[i];
            if (part.Element.ValueKind != JsonValueKind.Object) continue;
            if (!part.Has(SchemaSteps.AnyOf) && part.TryGet("anyOf", out var any)) return Alternatives(flat, i, SchemaSteps.AnyOf, "anyOf", any);
            if (!part.Has(SchemaSteps.OneOf) && part.TryGet("oneOf", out var one))
            {
                RequireExclusive(part, one);
                return Alternatives(flat, i, SchemaSteps.OneOf, "oneOf", one);
            }
        }
        try
        {
            return values.Of(SchemaReader.Read(flat));
        }
        catch (GrammarException e) when (e.Pointer.Length == 0)     // of a terminal
        {
            throw flat[0].Wrong(e.Keyword ?? "schema", e.Message);
        }
    }

    /// <summary>For each branch, all that holds here and the branch.</summary>
    private List<GrammarNode> Alternatives(List<SchemaPart> flat, int index, SchemaSteps step, string keyword, JsonElement branches)
    {
        var part = flat[index];
        flat[index] = part.After(step);
        return [.. SchemaDocument.Branches(part, keyword, branches).Select(branch => NodeOf([.. flat, part.Inside(keyword, branch.Index, branch.Branch)]))];
    }

    private void RequireExclusive(SchemaPart part, JsonElement branches)
    {
        var facts = SchemaDocument.Branches(part, "oneOf", branches).Select(branch => Facts(part.Inside("oneOf", branch.Index, branch.Branch))).ToArray();
        var exclusive = new SchemaExclusion(document);
        for (var a = 0; a < facts.Length; a++)
            for (var b = 0; b < a; b++)
                if (!exclusive.Excludes(facts[a], facts[b]))
                    throw part.Wrong("oneOf", $"oneOf can't be honoured: its schemas {b} and {a} may both hold; anyOf, or a const that tells them apart, can be");

        SchemaFacts Facts(SchemaPart branch) => SchemaReader.Read(document.Flatten([branch]));
    }
}
