namespace Splitwiser.Models.Grammar;

/// <summary>
/// Makes a grammar of GBNF. What is regular and small becomes one terminal; the rest becomes rules that call each other. A rule at the very end of another
/// one takes its place, so lists by right recursion have any length; others may be nested as deep as <see cref="GrammarLimits.Depth"/>.
/// </summary>
internal sealed class GbnfCompiler
{
    /// <summary>A size that no terminal has.</summary>
    public const long Endless = 1L << 40;

    private const string Root = "root";
    private const long TerminalSize = 2_000;
    private const int EmptyRepeats = 64;

    private readonly GbnfRules rules;
    private readonly Dictionary<string, RuleNode> nodes = new(StringComparer.Ordinal);
    private readonly Queue<(RuleNode Node, GbnfPart Body)> unfilled = [];
    private long terminalBytes;
    private int count;

    private GbnfCompiler(GbnfRules rules) => this.rules = rules;

    /// <exception cref="GrammarException">It is malformed, can't be finished, or is too large.</exception>
    public static GrammarNode Compile(string source)
    {
        var read = GbnfReader.Read(source);
        if (!read.TryGetValue(Root, out var root)) throw new GrammarException("", "grammar", $"there is no rule '{Root}', where an answer begins");
        var node = new GbnfCompiler(new GbnfRules(read)).Compile();
        GrammarCheck.Measure(node);
        if (node.Height >= GrammarNode.Impossible) throw root.Place.Wrong($"no text can finish the rule '{Root}'");
        if (node.Height > GrammarLimits.Depth) throw root.Place.Wrong($"rules are nested deeper than {GrammarLimits.Depth}");
        return GrammarCheck.IsGuarded(node) ? node : throw root.Place.Wrong($"more than {GrammarLimits.Unguarded} rules and groups begin with one another");
    }

    private RuleNode Compile()
    {
        var root = RuleOf(Root);
        while (unfilled.TryDequeue(out var next)) next.Node.Body = Node(next.Body, isLast: true);
        return root;
    }

    private RuleNode RuleOf(string name)
    {
        if (nodes.TryGetValue(name, out var node)) return node;
        nodes.Add(name, node = new RuleNode(rules.IsOptional(name)));
        unfilled.Enqueue((node, rules[name].Body));
        return node;
    }

    /// <param name="isLast">Nothing of the rule comes behind the part.</param>
    private GrammarNode Node(GbnfPart part, bool isLast)
    {
        if (++count > GrammarLimits.Nodes) throw new GrammarException("", "grammar", "the grammar is too large");
        if (part is GbnfReference reference && !IsSmall(part))
            return isLast || rules.IsRegular(reference.Name) ? RuleOf(reference.Name) : new NestedNode(RuleOf(reference.Name));
        if (TryTerminal(part) is { } terminal) return terminal;
        return part switch
        {
            GbnfSequence sequence => Sequence(sequence, isLast),
            GbnfChoice choice => new ChoiceNode { Options = [.. choice.Options.Select(option => Node(option, isLast))] },
            GbnfRepeat repeat => Repeat(repeat, isLast),
            GbnfReference large => RuleOf(large.Name),
            _ => throw new GrammarException("", "grammar", "a class of characters is too large"),
        };
    }

    /// <summary>Neighbours that are regular become one terminal.</summary>
    private SequenceNode Sequence(GbnfSequence sequence, bool isLast)
    {
        var parts = new List<GrammarNode>();
        var run = new List<GbnfPart>();
        var size = 0L;  // of the run
        for (var i = 0; i < sequence.Items.Count; i++)
        {
            var item = sequence.Items[i];
            if (!IsSmall(item))
            {
                Flush();
                parts.Add(Node(item, isLast && i == sequence.Items.Count - 1));
                continue;
            }
            if (size + rules.Size(item) > TerminalSize) Flush();
            run.Add(item);
            size += rules.Size(item);
        }
        Flush();
        return new SequenceNode(parts);

        void Flush()
        {
            if (run.Count > 1 && TryTerminal(new GbnfSequence(run)) is { } terminal) parts.Add(terminal);
            else parts.AddRange(run.Select(item => Node(item, isLast: false)));
            (run, size) = ([], 0);
        }
    }

    private GrammarNode Repeat(GbnfRepeat repeat, bool isLast)
    {
        if (repeat.Most == 0) return new SequenceNode([]);
        if (repeat is { Least: 0, Most: 1 }) return new ChoiceNode { Options = [new SequenceNode([]), Node(repeat.Part, isLast)] };
        var isOptional = repeat.Part.IsOptional(rules.IsOptional);
        if (isOptional && repeat.Most > EmptyRepeats) throw repeat.Place.Wrong($"what may be empty is repeated up to {EmptyRepeats} times");
        return new RepeatNode(Node(repeat.Part, isLast: false), null, isOptional ? 0 : repeat.Least, repeat.Most);
    }

    private bool IsSmall(GbnfPart part) => rules.IsRegular(part) && rules.Size(part) <= TerminalSize;

    /// <summary>Null for what is not regular, or needs more states than its size promised.</summary>
    private TerminalNode? TryTerminal(GbnfPart part)
    {
        if (!IsSmall(part)) return null;
        ByteDfa matcher;
        try
        {
            matcher = rules.Pattern(part).ToDfa(Spelling.Utf8);
        }
        catch (GrammarException)
        {
            return null;
        }
        if ((terminalBytes += matcher.Bytes) > GrammarLimits.TerminalBytes) throw new GrammarException("", "grammar", "the grammar is too large: its texts and classes need too much memory");
        return new TerminalNode(matcher);
    }
}
