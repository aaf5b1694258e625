using Splitwiser.Models.Chat.Expressions;
using Splitwiser.Models.Chat.Library;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Syntax;

/// <summary>Reads expressions, from the loosest binding (if, or, and, not) to the tightest.</summary>
internal sealed class ExpressionParser(TokenStream tokens)
{
    private static readonly string[] comparisons = ["==", "!=", "<", "<=", ">", ">="];
    private readonly List<SyntaxError> unknown = []; // filters and tests, outside of inline ifs

    /// <summary>The variables that have been read since it was last emptied.</summary>
    public HashSet<string> Names { get; set; } = [];

    /// <summary>A filter or test that is not known fails here, unless it stands where it may never run: then it fails if it does.</summary>
    public void EndStatement(bool conditional)
    {
        if (unknown.Count > 0 && !conditional)
            throw unknown[0];
        unknown.Clear();
    }

    /// <summary>An expression, or several with commas between them, which are a tuple.</summary>
    public Expression ParseTuple(bool conditional = true)
    {
        var first = Parse(conditional);
        if (!tokens.Current.IsOperator(","))
            return first;
        var items = new List<Expression> { first };
        while (tokens.EatOperator(",") && !EndsTuple())
            items.Add(Parse(conditional));
        return new ListDisplay(items, ListKind.Tuple);
    }

    public Expression Parse(bool conditional = true)
    {
        tokens.Descend();
        var known = unknown.Count;
        var value = ParseOr();
        while (conditional && tokens.EatName("if"))
        {
            var condition = ParseOr();
            value = new Choice(condition, value, tokens.EatName("else") ? Parse() : null);
            unknown.RemoveRange(known, unknown.Count - known);
        }

        return value;
    }

    /// <summary>The filters behind |, as a function of what they are applied to.</summary>
    public Func<Expression, Expression> ParseFilters()
    {
        Func<Expression, Expression> all = target => target;
        while (tokens.EatOperator("|"))
        {
            var before = all;
            var next = ParseFilter();
            all = target => next(before(target));
        }

        return all;
    }

    /// <summary>One filter by its name and arguments.</summary>
    public Func<Expression, Expression> ParseFilter()
    {
        var line = tokens.Line;
        var name = tokens.Name();
        if (Filters.Find(name) is not { } filter)
        {
            var error = new SyntaxError(line, $"the filter '{name}', which is not served");
            unknown.Add(Filters.IsRefused(name) ? throw error : error);
            filter = (_, _, _) => throw new TemplateError($"No filter named '{name}' found.");
        }

        var arguments = tokens.Current.IsOperator("(") ? ParseArguments() : new ArgumentList([], [], null, null);
        return target => new FilterCall(filter, target, arguments);
    }

    public ArgumentList ParseArguments()
    {
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? list = null;
        Expression? dictionary = null;
        tokens.ExpectOperator("(");
        while (!tokens.EatOperator(")"))
        {
            if (tokens.EatOperator("**"))
                dictionary = Parse();
            else if (tokens.EatOperator("*"))
                list = Parse();
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Following.IsOperator("="))
                named.Add((NameBeforeEquals(), Parse()));
            else if (named.Count > 0)
                throw tokens.Unexpected("an argument with its name");
            else
                positional.Add(Parse());
            if (!tokens.EatOperator(",") && !tokens.Current.IsOperator(")"))
                throw tokens.Unexpected("',' or ')'");
        }

        return new ArgumentList(positional, named, list, dictionary);
    }

    private string NameBeforeEquals()
    {
        var name = tokens.Name();
        tokens.ExpectOperator("=");
        return name;
    }

    private bool EndsTuple() => tokens.Current.Kind is TokenKind.BlockEnd or TokenKind.PrintEnd || tokens.Current.IsOperator(")");

    private Expression ParseOr()
    {
        var left = ParseAnd();
        while (tokens.EatName("or"))
            left = new Disjunction(left, ParseAnd());
        return left;
    }

    private Expression ParseAnd()
    {
        var left = ParseNot();
        while (tokens.EatName("and"))
            left = new Conjunction(left, ParseNot());
        return left;
    }

    private Expression ParseNot()
    {
        tokens.Descend();
        return tokens.EatName("not") ? new Negation(ParseNot()) : ParseComparison();
    }

    private Expression ParseComparison()
    {
        var first = ParseSum();
        var rest = new List<(string, Expression)>();
        while (ComparisonSign() is { } sign)
            rest.Add((sign, ParseSum()));
        return rest.Count == 0 ? first : new Comparison(first, rest);
    }

    private string? ComparisonSign()
    {
        if (tokens.Current.Kind == TokenKind.Operator && comparisons.Contains(tokens.Current.Text))
            return tokens.Next().Text;
        if (tokens.EatName("in"))
            return "in";
        if (!tokens.Current.Is("not") || !tokens.Following.Is("in"))
            return null;
        tokens.Next();
        tokens.Next();
        return "not in";
    }

    private Expression ParseSum() => ParseLeftToRight(ParseJoin, "+", "-");

    private Expression ParseJoin() => ParseLeftToRight(ParseProduct, "~");

    private Expression ParseProduct() => ParseLeftToRight(ParsePower, "*", "/", "//", "%");

    private Expression ParsePower() => ParseLeftToRight(() => ParseSigned(filters: true), "**");

    private Expression ParseLeftToRight(Func<Expression> operand, params ReadOnlySpan<string> signs)
    {
        var left = operand();
        while (tokens.Current.Kind == TokenKind.Operator && signs.Contains(tokens.Current.Text))
            left = new Calculation(tokens.Next().Text, left, operand());
        return left;
    }

    private Expression ParseSigned(bool filters)
    {
        tokens.Descend();
        Expression value;
        if (tokens.EatOperator("-"))
            value = new Sign(minus: true, ParseSigned(filters: false));
        else if (tokens.EatOperator("+"))
            value = new Sign(minus: false, ParseSigned(filters: false));
        else
            value = ParseTerm();
        value = ParsePostfix(value);
        return filters ? ParseFiltersAndTests(value) : value;
    }

    private Expression ParseFiltersAndTests(Expression value)
    {
        while (true)
        {
            if (tokens.EatOperator("|"))
                value = ParseFilter()(value);
            else if (tokens.EatName("is"))
                value = ParseTest(value);
            else if (tokens.Current.IsOperator("("))
                value = new Call(value, ParseArguments());
            else
                return value;
        }
    }

    private Expression ParseTest(Expression value)
    {
        var negated = tokens.EatName("not");
        var line = tokens.Line;
        var name = tokens.Name();
        if (Tests.Find(name) is not { } test)
        {
            unknown.Add(new SyntaxError(line, $"the test '{name}', which is not served"));
            test = (_, _) => throw new TemplateError($"No test named '{name}' found.");
        }

        var arguments = new ArgumentList([], [], null, null);
        if (tokens.Current.IsOperator("("))
            arguments = ParseArguments();
        else if (tokens.Current.Is("is"))
            throw new SyntaxError(line, "tests in a row, which need parentheses");
        else if (BeginsTerm())
            arguments = new ArgumentList([ParsePostfix(ParseTerm())], [], null, null);
        var call = new TestCall(test, value, arguments);
        return negated ? new Negation(call) : call;
    }

    // Whether a test's one argument follows without parentheses.
    private bool BeginsTerm() => tokens.Current.Kind switch
    {
        TokenKind.Name => tokens.Current.Text is not ("else" or "or" or "and" or "is" or "if" or "not" or "in"),
        TokenKind.String or TokenKind.Integer or TokenKind.Float => true,
        _ => tokens.Current.IsOperator("[") || tokens.Current.IsOperator("{"),
    };

    private Expression ParsePostfix(Expression value)
    {
        while (true)
        {
            if (tokens.EatOperator("."))
                value = tokens.Current.Kind == TokenKind.Integer
                    ? new ItemAccess(value, new Constant(NumberLiteral.Read(tokens.Next())))
                    : new AttributeAccess(value, tokens.Name());
            else if (tokens.EatOperator("["))
                value = ParseSubscript(value);
            else if (tokens.Current.IsOperator("("))
                value = new Call(value, ParseArguments());
            else
                return value;
        }
    }

    private Expression ParseSubscript(Expression value)
    {
        var start = Bound();
        if (!tokens.EatOperator(":"))
        {
            tokens.ExpectOperator("]");
            return new ItemAccess(value, start ?? throw tokens.Unexpected("an index"));
        }

        var stop = Bound();
        var step = tokens.EatOperator(":") ? Bound() : null;
        tokens.ExpectOperator("]");
        return new SliceAccess(value, start, stop, step);

        Expression? Bound() => tokens.Current.IsOperator(":") || tokens.Current.IsOperator("]") ? null : Parse();
    }

    private Expression ParseTerm()
    {
        var token = tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                return ParseName(tokens.Next().Text);
            case TokenKind.String:
                var text = tokens.Next().Text;
                while (tokens.Current.Kind == TokenKind.String)
                    text += tokens.Next().Text;
                return new Constant(new StringValue(text));
            case TokenKind.Integer or TokenKind.Float:
                return new Constant(NumberLiteral.Read(tokens.Next()));
        }

        if (tokens.EatOperator("("))
            return ParseParentheses();
        if (tokens.EatOperator("["))
            return new ListDisplay(ParseItems("]", () => Parse()), ListKind.List);
        if (tokens.EatOperator("{"))
            return new DictDisplay(ParseItems("}", ParseMember));
        throw tokens.Unexpected("an expression");
    }

    private Expression ParseParentheses()
    {
        if (tokens.EatOperator(")"))
            return new ListDisplay([], ListKind.Tuple);
        var inside = ParseTuple();
        tokens.ExpectOperator(")");
        return inside;
    }

    private List<T> ParseItems<T>(string end, Func<T> item)
    {
        var items = new List<T>();
        while (!tokens.EatOperator(end))
        {
            items.Add(item());
            if (!tokens.EatOperator(",") && !tokens.Current.IsOperator(end))
                throw tokens.Unexpected($"',' or '{end}'");
        }

        return items;
    }

    private (Expression, Expression) ParseMember()
    {
        var key = Parse();
        tokens.ExpectOperator(":");
        return (key, Parse());
    }

    private Expression ParseName(string name)
    {
        switch (name)
        {
            case "true" or "True":
                return new Constant(BoolValue.True);
            case "false" or "False":
                return new Constant(BoolValue.False);
            case "none" or "None":
                return new Constant(NoneValue.Instance);
            default:
                Names.Add(name);
                return new Variable(name);
        }
    }
}
