using System.Globalization;
using System.Text;

namespace Splitwiser.Models.Chat.Values;

/// <summary>str.format with plain fields: {}, {0} and {name}.</summary>
internal static class BraceFormat
{
    public static string Fill(string format, Arguments arguments)
    {
        var result = new StringBuilder();
        var next = 0;
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
                var end = c == '{' ? format.IndexOf('}', at) : -1;
                if (end < 0)
                    throw new TemplateError("a single brace in a format string");
                result.Append(Field(format[(at + 1)..end], arguments, ref next));
                at = end;
            }
        }

        return result.ToString();
    }

    private static string Field(string field, Arguments arguments, ref int next)
    {
        if (field.Length == 0)
            return arguments.Required(next, $"{next++}").Text;
        if (int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            return arguments.Required(position, field).Text;
        return arguments.Named.TryGetValue(field, out var named) ? named.Text : throw new TemplateError($"the format field '{field}', which is not served");
    }
}
