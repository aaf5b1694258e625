using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Splitwiser.Models.Chat.Values;

/// <summary>str.format: {}, {0}, {name}, {name.attribute[key]}, {value!r:spec}; a spec may have fields of its own.</summary>
internal sealed partial class BraceFormat(Arguments arguments)
{
    private int next; // of the fields without a name

    public static string Fill(string format, Arguments arguments) => new BraceFormat(arguments).Fill(format, depth: 2);

    private string Fill(string format, int depth)
    {
        if (depth == 0)
            throw new TemplateError("Max string recursion exceeded");
        var result = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            var c = format[at];
            if (c is not ('{' or '}'))
            {
                result.Append(c);
            }
            else if (at + 1 < format.Length && format[at + 1] == c)
            {
                result.Append(c);
                at++;
            }
            else
            {
                var end = c == '{' ? EndOfField(format, at + 1) : throw new TemplateError("Single '}' encountered in format string");
                result.Append(Field(format[(at + 1)..end], depth));
                at = end;
            }
        }

        return result.ToString();
    }

    private static int EndOfField(string format, int start)
    {
        var open = 1;
        for (var at = start; at < format.Length; at++)
        {
            open += format[at] == '{' ? 1 : format[at] == '}' ? -1 : 0;
            if (open == 0)
                return at;
        }

        throw new TemplateError("expected '}' before end of string");
    }

    private string Field(string field, int depth)
    {
        var match = Parts().Match(field);
        if (!match.Success)
            throw new TemplateError($"the format field '{field}', which is not served");
        var value = Argument(match.Groups["name"].Value);
        foreach (Capture step in match.Groups["step"].Captures)
            value = step.Value[0] == '.' ? value.Attribute(step.Value[1..]) : value.Item(Key(step.Value[1..^1]));
        var spec = Fill(match.Groups["spec"].Value, depth - 1 + (match.Groups["spec"].Length == 0 ? 1 : 0));
        return match.Groups["conversion"].Value switch
        {
            "r" or "a" => FormatSpec.Apply(new StringValue(value.Literal), spec),
            "s" => FormatSpec.Apply(new StringValue(value.Text), spec),
            _ => FormatSpec.Apply(value, spec),
        };
    }

    private Value Argument(string name)
    {
        if (name.Length == 0)
            return arguments.Required(next, $"{next++}");
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            return arguments.Required(position, name);
        return arguments.Named.GetValueOrDefault(name) ?? throw new TemplateError($"the format field '{name}' has no argument");
    }

    private static Value Key(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? new IntValue(index) : new StringValue(text);

    [GeneratedRegex(@"^(?<name>[^.\[!:]*)(?<step>\.[^.\[!:]+|\[[^\]]+\])*(?:!(?<conversion>[rsa]))?(?::(?<spec>[\s\S]*))?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Parts();
}
