using System.Text;
using Splitwiser.Models.Tokenization;

namespace Splitwiser.Models.Grammar;

/// <summary>The grammars of one model's vocabulary: each constraint is compiled once and kept while it is among the last used. Thread-safe.</summary>
/// <param name="vocabularySize">Logits of the model.</param>
public sealed class Grammars(Tokenizer tokenizer, int vocabularySize)
{
    private const int MaxDepth = 8, MaxParts = 10_000;

    private readonly Lazy<TokenTable> table = new(() => TokenTable.Of(tokenizer, vocabularySize));
    private readonly Dictionary<string, LinkedListNode<(string Key, TokenGrammar Grammar)>> byKey = [];
    private readonly LinkedList<(string Key, TokenGrammar Grammar)> lastUsed = [];      // the newest first

    /// <summary>The grammar of a constraint.</summary>
    /// <exception cref="GrammarException">It can't be honoured.</exception>
    public TokenGrammar Of(Constraint constraint)
    {
        var key = constraint.Key;
        lock (byKey)
        {
            if (byKey.TryGetValue(key, out var known))
            {
                lastUsed.Remove(known);
                lastUsed.AddFirst(known);
                return known.Value.Grammar;
            }
        }
        var grammar = Compile(constraint);      // outside the lock: two may do it at once, and the first is kept
        lock (byKey)
        {
            if (byKey.TryGetValue(key, out var other)) return other.Value.Grammar;
            byKey.Add(key, lastUsed.AddFirst((key, grammar)));
            if (lastUsed.Count <= GrammarLimits.Kept) return grammar;
            byKey.Remove(lastUsed.Last!.Value.Key);
            lastUsed.RemoveLast();
            return grammar;
        }
    }

    private TokenGrammar Compile(Constraint constraint)
    {
        var parts = 0;
        var root = Node(constraint, 0, ref parts);
        GrammarCheck.Require(root);
        return new TokenGrammar(root, table);
    }

    private GrammarNode Node(Constraint constraint, int depth, ref int parts)
    {
        if (depth > MaxDepth || ++parts > MaxParts) throw new GrammarException("", null, "the constraint has too many parts");
        switch (constraint.Kind)
        {
            case ConstraintKind.JsonObject: return AnyValue.Object;
            case ConstraintKind.JsonSchema: return SchemaCompiler.Compile(constraint.Source);
            case ConstraintKind.Pattern:
                var pattern = PatternReader.ReadWhole(constraint.Source).ToDfa(Spelling.Utf8);
                return pattern.IsEmpty ? throw new GrammarException("", "pattern", "no text matches the pattern") : new TerminalNode(pattern);
            case ConstraintKind.Grammar: return GbnfCompiler.Compile(constraint.Source);
            case ConstraintKind.Text: return Text(constraint.Source);
            case ConstraintKind.Token: return Token(constraint.Source);
            case ConstraintKind.Sequence: return new SequenceNode(Nodes(constraint, depth, ref parts));
            case ConstraintKind.OneOf:
                return constraint.Parts.All(part => part.Kind == ConstraintKind.Text && part.Source.Length > 0) && constraint.Parts.Length > 0
                    ? new TerminalNode(ByteTexts.ToDfa(constraint.Parts.Select(part => Utf8(part.Source))))
                    : new ChoiceNode { Options = Nodes(constraint, depth, ref parts) };
            case ConstraintKind.Repeat: return Repeat(constraint, depth, ref parts);
            default: throw new GrammarException("", null, $"there is no constraint of the kind {constraint.Kind}");
        }
    }

    private List<GrammarNode> Nodes(Constraint constraint, int depth, ref int parts)
    {
        var nodes = new List<GrammarNode>();
        foreach (var part in constraint.Parts) nodes.Add(Node(part, depth + 1, ref parts));
        return nodes;
    }

    private RepeatNode Repeat(Constraint constraint, int depth, ref int parts)
    {
        if (constraint.Parts.Length is not (1 or 2) || constraint.Least < 0 || constraint.Most < Math.Max(1, constraint.Least))
            throw new GrammarException("", null, "a repetition has one part and at most one between, and its bounds in order");
        var nodes = Nodes(constraint, depth, ref parts);
        if (nodes[0].IsOptional) throw new GrammarException("", null, "what is repeated must not be empty");
        return new RepeatNode(nodes[0], nodes.Count > 1 ? nodes[1] : null, constraint.Least, constraint.Most);
    }

    private static GrammarNode Text(string text) => text.Length == 0 ? new SequenceNode([]) : new TerminalNode(new ByteLiteral(Utf8(text)));

    /// <summary>An added token that is not special has a text, and may be spelled in other tokens just as well.</summary>
    private GrammarNode Token(string content)
    {
        if (!tokenizer.TryGetId(content, out var id) || id >= vocabularySize) throw new GrammarException("", null, $"the model has no token '{content}'");
        return tokenizer.IsSpecial(id) ? new TokenNode(id) : Text(content);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
