using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Syntax;

/// <summary>
/// Cuts template source into tokens, with blanks around tags as transformers sets them: a newline right behind a block tag goes
/// (trim_blocks), so do blanks before one that begins its line (lstrip_blocks), and '-' or '+' in a tag say otherwise.
/// </summary>
internal sealed class Lexer
{
    private static readonly string[] operators =
    [
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";",
    ];

    private readonly string source;
    private readonly List<Token> tokens = [];
    private int at;
    private int line = 1;
    private bool lineStarts = true; // whether what was read last ended in a newline

    private Lexer(string source)
    {
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        this.source = source.EndsWith('\n') ? source[..^1] : source;
    }

    public static List<Token> Read(string source)
    {
        var lexer = new Lexer(source);
        while (lexer.at < lexer.source.Length)
            lexer.ReadDataAndTag();
        lexer.Add(TokenKind.End, "");
        return lexer.tokens;
    }

    private void ReadDataAndTag()
    {
        var tag = NextTag();
        if (tag < 0)
        {
            Data(source[at..]);
            at = source.Length;
            return;
        }

        var kind = source[tag + 1];
        var sign = tag + 2 < source.Length && source[tag + 2] is '-' or '+' ? source[tag + 2] : ' ';
        Data(Trim(source[at..tag], sign, isBlock: kind != '{'));
        Advance(tag + (sign == ' ' ? 2 : 3));
        if (kind == '#')
            SkipComment();
        else if (kind == '%' && AtRaw())
            ReadRaw();
        else
            ReadTag(isBlock: kind == '%');
    }

    private int NextTag()
    {
        for (var found = at; (found = source.IndexOf('{', found)) >= 0 && found + 1 < source.Length; found++)
        {
            if (source[found + 1] is '{' or '%' or '#')
                return found;
        }

        return -1;
    }

    // What stands before a tag, less the blanks that the tag takes away.
    private string Trim(string text, char sign, bool isBlock)
    {
        if (sign == '-')
            return StringMethods.Strip(text, null, left: false, right: true);
        var lineStart = text.LastIndexOf('\n') + 1;
        var strips = sign != '+' && isBlock && (lineStart > 0 || lineStarts);
        return strips && StringMethods.Strip(text[lineStart..], null, left: true, right: false).Length == 0 ? text[..lineStart] : text;
    }

    private void Data(string text)
    {
        if (text.Length > 0)
            Add(TokenKind.Data, text);
    }

    private void SkipComment()
    {
        var start = at;
        var end = source.IndexOf("#}", at, StringComparison.Ordinal);
        if (end < 0)
            throw new SyntaxError(line, "a comment that does not end");
        Advance(end + 2);
        FinishBlock(end > start ? source[end - 1] : ' ');
    }

    // Behind a comment or block tag: '-' takes all blanks, '+' nothing, else one newline goes.
    private void FinishBlock(char sign)
    {
        var next = at;
        if (sign == '-')
            next = SkipSpace(at);
        else if (sign != '+' && next < source.Length && source[next] == '\n')
            next++;
        lineStarts = next > 0 && source[next - 1] == '\n';
        Advance(next);
    }

    private bool AtRaw()
    {
        var word = SkipSpace(at);
        if (string.CompareOrdinal(source, word, "raw", 0, 3) != 0)
            return false;
        var end = SkipSpace(word + 3);
        var sign = end < source.Length && source[end] == '-' ? 1 : 0;
        if (string.CompareOrdinal(source, end + sign, "%}", 0, 2) != 0)
            return false;
        Advance(sign == 1 ? SkipSpace(end + 3) : end + 2);
        lineStarts = source[at - 1] == '\n';
        return true;
    }

    private void ReadRaw()
    {
        for (var tag = at; (tag = source.IndexOf("{%", tag, StringComparison.Ordinal)) >= 0; tag += 2)
        {
            var sign = tag + 2 < source.Length && source[tag + 2] is '-' or '+' ? source[tag + 2] : ' ';
            var word = SkipSpace(sign == ' ' ? tag + 2 : tag + 3);
            if (string.CompareOrdinal(source, word, "endraw", 0, 6) != 0)
                continue;
            var end = SkipSpace(word + 6);
            var endSign = end < source.Length && source[end] is '-' or '+' ? source[end] : ' ';
            if (string.CompareOrdinal(source, endSign == ' ' ? end : end + 1, "%}", 0, 2) != 0)
                continue;
            Data(Trim(source[at..tag], sign, isBlock: true));
            Advance(endSign == ' ' ? end + 2 : end + 3);
            FinishBlock(endSign);
            return;
        }

        throw new SyntaxError(line, "raw without endraw");
    }

    private void ReadTag(bool isBlock)
    {
        Add(isBlock ? TokenKind.BlockBegin : TokenKind.PrintBegin, isBlock ? "{%" : "{{");
        var end = isBlock ? "%}" : "}}";
        var open = new Stack<string>(); // brackets: the end of a tag does not count inside
        while (true)
        {
            Advance(SkipSpace(at));
            if (at >= source.Length)
                throw new SyntaxError(line, $"a tag without its '{end}'");
            if (open.Count == 0 && EndsTag(end, isBlock))
                return;
            ReadToken(open);
        }
    }

    private bool EndsTag(string end, bool isBlock)
    {
        var sign = source[at] == '-' || (isBlock && source[at] == '+') ? source[at] : ' ';
        if (string.CompareOrdinal(source, sign == ' ' ? at : at + 1, end, 0, 2) != 0)
            return false;
        Add(isBlock ? TokenKind.BlockEnd : TokenKind.PrintEnd, end);
        Advance(at + (sign == ' ' ? 2 : 3));
        if (isBlock)
            FinishBlock(sign);
        else
            FinishPrint(sign);
        return true;
    }

    private void FinishPrint(char sign)
    {
        if (sign == '-')
            Advance(SkipSpace(at));
        lineStarts = source[at - 1] == '\n';
    }

    private void ReadToken(Stack<string> open)
    {
        var c = source[at];
        if (c is '"' or '\'')
            ReadString(c);
        else if (char.IsAsciiDigit(c))
            ReadNumber();
        else if (char.IsLetter(c) || c == '_')
            Take(TokenKind.Name, Run(at, c => char.IsLetterOrDigit(c) || c == '_'));
        else
            ReadOperator(open);
    }

    private void ReadNumber()
    {
        if (source[at] == '0' && at + 1 < source.Length && "xXoObB".Contains(source[at + 1]))
        {
            Take(TokenKind.Integer, 2 + Run(at + 2, c => char.IsAsciiHexDigit(c) || c == '_'));
            return;
        }

        var length = Digits(at);
        var kind = TokenKind.Integer;
        if (tokens[^1].IsOperator("."))
        {
            Take(kind, length); // an index: list.0.1
            return;
        }

        if (Sees(at + length, '.') && Digits(at + length + 1) > 0)
        {
            length += 1 + Digits(at + length + 1);
            kind = TokenKind.Float;
        }

        if (Sees(at + length, 'e') || Sees(at + length, 'E'))
        {
            var sign = Sees(at + length + 1, '+') || Sees(at + length + 1, '-') ? 1 : 0;
            if (Digits(at + length + 1 + sign) is > 0 and var digits)
            {
                length += 1 + sign + digits;
                kind = TokenKind.Float;
            }
        }

        Take(kind, length);
    }

    private int Digits(int from) => Run(from, c => char.IsAsciiDigit(c) || c == '_');

    private bool Sees(int where, char c) => where < source.Length && source[where] == c;

    private int Run(int from, Func<char, bool> belongs)
    {
        var end = from;
        while (end < source.Length && belongs(source[end]))
            end++;
        return end - from;
    }

    private void ReadOperator(Stack<string> open)
    {
        var sign = Array.Find(operators, sign => string.CompareOrdinal(source, at, sign, 0, sign.Length) == 0)
            ?? throw new SyntaxError(line, $"an unexpected '{source[at]}'");
        if (sign is "(" or "[" or "{")
            open.Push(sign == "(" ? ")" : sign == "[" ? "]" : "}");
        if (sign is ")" or "]" or "}" && (!open.TryPop(out var expected) || expected != sign))
            throw new SyntaxError(line, $"an unexpected '{sign}'");
        Take(TokenKind.Operator, sign.Length);
    }

    private void ReadString(char quote)
    {
        var end = at + 1;
        while (end < source.Length && source[end] != quote)
            end += source[end] == '\\' ? 2 : 1;
        if (end >= source.Length)
            throw new SyntaxError(line, "a string that does not end");
        Add(TokenKind.String, StringLiteral.Unescape(source[(at + 1)..end]));
        Advance(end + 1);
    }

    private void Take(TokenKind kind, int length)
    {
        Add(kind, source.Substring(at, length));
        Advance(at + length);
    }

    private int SkipSpace(int from)
    {
        while (from < source.Length && StringMethods.IsSpace(source[from]))
            from++;
        return from;
    }

    private void Add(TokenKind kind, string text) => tokens.Add(new Token(kind, text, line));

    private void Advance(int to)
    {
        line += source.AsSpan(at, to - at).Count('\n');
        at = to;
    }
}
