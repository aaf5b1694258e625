using Splitwiser.Models.Chat.Expressions;
using Splitwiser.Models.Chat.Statements;

namespace Splitwiser.Models.Chat.Syntax;

/// <summary>Reads a template's statements: the part of Jinja that chat templates are written in.</summary>
internal sealed class TemplateParser
{
    private readonly TokenStream tokens;
    private readonly ExpressionParser expressions;
    private int loops; // around the current statement
    private bool conditional; // whether the current statement is in an if

    private TemplateParser(string source)
    {
        tokens = new TokenStream(Lexer.Read(source));
        expressions = new ExpressionParser(tokens);
    }

    /// <exception cref="SyntaxError">The source is malformed or uses what is not served.</exception>
    public static Block Parse(string source) => new TemplateParser(source).ParseUntil();

    // Statements up to a tag with one of the given names, which becomes the current token; or else to the end.
    private Block ParseUntil(params ReadOnlySpan<string> ends)
    {
        tokens.Descend();
        var statements = new List<Statement>();
        while (tokens.Current.Kind != TokenKind.End)
        {
            var line = tokens.Line;
            switch (tokens.Next())
            {
                case { Kind: TokenKind.Data } data:
                    statements.Add(new Literal(line, data.Text));
                    break;
                case { Kind: TokenKind.PrintBegin }:
                    statements.Add(new Print(line, expressions.ParseTuple()));
                    tokens.Expect(TokenKind.PrintEnd, "'}}'");
                    expressions.EndStatement(conditional);
                    break;
                default:
                    if (tokens.Current.Kind == TokenKind.Name && ends.Contains(tokens.Current.Text))
                        return new Block(statements);
                    statements.Add(ParseStatement(line));
                    break;
            }
        }

        if (!ends.IsEmpty)
            throw tokens.Unexpected($"'{ends[^1]}'");
        return new Block(statements);
    }

    private Block ParseBody(string end)
    {
        EndTag();
        var body = ParseUntil(end);
        tokens.Next();
        EndTag();
        return body;
    }

    private void EndTag()
    {
        tokens.Expect(TokenKind.BlockEnd, "'%}'");
        expressions.EndStatement(conditional);
    }

    private Statement ParseStatement(int line)
    {
        switch (tokens.Name())
        {
            case "for":
                return ParseFor(line);
            case "if":
                return ParseIf(line);
            case "set":
                return ParseSet(line);
            case "macro":
                return ParseMacro(line);
            case "call":
                return ParseCall(line);
            case "filter":
                return ParseFilterBlock(line);
            case "with":
                return ParseWith(line);
            case "generation":
                return new Enclosure(line, [], ParseBody("endgeneration"));
            case "break" when loops > 0:
                EndTag();
                return new Jump(line, Flow.Break);
            case "continue" when loops > 0:
                EndTag();
                return new Jump(line, Flow.Continue);
            case var name:
                throw new SyntaxError(line, $"the statement '{name}', which is not served here");
        }
    }

    private For ParseFor(int line)
    {
        var target = ParseTarget();
        tokens.ExpectName("in");
        var sequence = expressions.ParseTuple(conditional: false);
        var condition = tokens.EatName("if") ? expressions.Parse() : null;
        var recursive = tokens.EatName("recursive");
        EndTag();
        loops++;
        var body = Unconditionally(() => ParseUntil("else", "endfor"));
        loops--;
        var otherwise = tokens.Next().Is("else") ? Unconditionally(() => ParseBody("endfor")) : null;
        if (otherwise is null)
            EndTag();
        return new For(line, target, sequence, condition, recursive, body, otherwise);
    }

    private If ParseIf(int line)
    {
        var branches = new List<(Expression?, Block)>();
        var around = conditional;
        conditional = true;
        while (true)
        {
            var condition = expressions.ParseTuple(conditional: false);
            EndTag();
            branches.Add((condition, ParseUntil("elif", "else", "endif")));
            var end = tokens.Next();
            if (end.Is("elif"))
                continue;
            if (end.Is("else"))
                branches.Add((null, ParseBody("endif")));
            else
                EndTag();
            conditional = around;
            return new If(line, branches);
        }
    }

    private Statement ParseSet(int line)
    {
        var target = ParseTarget();
        if (tokens.EatOperator("="))
        {
            var value = expressions.ParseTuple();
            EndTag();
            return new Assignment(line, target, value);
        }

        var filters = expressions.ParseFilters();
        return new BlockAssignment(line, target, ParseBody("endset"), filters);
    }

    private MacroDefinition ParseMacro(int line)
    {
        var name = tokens.Name();
        return new MacroDefinition(line, name, ParseMacroBody(name, ParseParameters(), "endmacro"));
    }

    private CallBlock ParseCall(int line)
    {
        var parameters = tokens.Current.IsOperator("(") ? ParseParameters() : [];
        return expressions.Parse() is Call call
            ? new CallBlock(line, call, ParseMacroBody("caller", parameters, "endcall"))
            : throw new SyntaxError(line, "a call block without a call");
    }

    // A loop around a macro is none that its body could leave. The names that it uses are its own, and used around it, too.
    private MacroBody ParseMacroBody(string name, List<(string, Expression?)> parameters, string end)
    {
        var (loopsAround, namesAround) = (loops, expressions.Names);
        (loops, expressions.Names) = (0, []);
        var body = Unconditionally(() => ParseBody(end));
        var names = expressions.Names;
        (loops, expressions.Names) = (loopsAround, namesAround);
        namesAround.UnionWith(names);
        return new MacroBody(name, parameters, body, names);
    }

    // What has names of its own is compiled apart, even inside an if.
    private Block Unconditionally(Func<Block> parse)
    {
        var around = conditional;
        conditional = false;
        var body = parse();
        conditional = around;
        return body;
    }

    private List<(string, Expression?)> ParseParameters()
    {
        var parameters = new List<(string, Expression?)>();
        tokens.ExpectOperator("(");
        while (!tokens.EatOperator(")"))
        {
            parameters.Add((tokens.Name(), tokens.EatOperator("=") ? expressions.Parse() : null));
            if (!tokens.EatOperator(",") && !tokens.Current.IsOperator(")"))
                throw tokens.Unexpected("',' or ')'");
        }

        return parameters;
    }

    private FilterBlock ParseFilterBlock(int line)
    {
        var first = expressions.ParseFilter();
        var rest = expressions.ParseFilters();
        return new FilterBlock(line, ParseBody("endfilter"), target => rest(first(target)));
    }

    private Enclosure ParseWith(int line)
    {
        var names = new List<(Target, Expression)>();
        while (tokens.Current.Kind != TokenKind.BlockEnd)
        {
            var target = ParseTarget(single: true);
            tokens.ExpectOperator("=");
            names.Add((target, expressions.Parse()));
            if (!tokens.EatOperator(","))
                break;
        }

        return new Enclosure(line, names, ParseBody("endwith"));
    }

    // A name, an attribute of a namespace, or several of them with commas, in parentheses or not.
    private Target ParseTarget(bool single = false)
    {
        tokens.Descend();
        var targets = new List<Target>();
        var comma = false;
        do
        {
            if (targets.Count > 0 && tokens.Current.Kind != TokenKind.Name && !tokens.Current.IsOperator("("))
                break;
            targets.Add(ParseOneTarget());
        }
        while (!single && tokens.EatOperator(",") && (comma = true));
        return comma ? new TupleTarget(targets) : targets[0];
    }

    private Target ParseOneTarget()
    {
        if (tokens.EatOperator("("))
        {
            var inside = ParseTarget();
            tokens.ExpectOperator(")");
            return inside;
        }

        var name = tokens.Name();
        return tokens.EatOperator(".") ? new AttributeTarget(name, tokens.Name()) : new NameTarget(name);
    }
}
