using System.Text;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Library;

/// <summary>The filter tojson: Python's json.dumps, with characters outside ASCII as they are.</summary>
internal sealed class JsonText
{
    private readonly StringBuilder result = new();
    private readonly string? indent; // nothing for one line
    private readonly string betweenItems;
    private readonly string behindKey;
    private readonly bool sortKeys;
    private readonly bool asciiOnly;
    private readonly RenderState state;

    private JsonText(Arguments arguments, RenderState state)
    {
        this.state = state;
        asciiOnly = arguments.Flag(0, "ensure_ascii");
        indent = arguments.Optional(1, "indent") switch
        {
            null or NoneValue => null,
            StringValue text => text.Text,
            _ => new string(' ', Math.Clamp(arguments.Int(1, "indent") ?? 0, 0, 100)),
        };
        var separators = arguments.Optional(2, "separators") is ListValue { Values.Count: 2 } pair ? pair : null;
        betweenItems = separators?.Values[0].Text ?? (indent is null ? ", " : ",");
        behindKey = separators?.Values[1].Text ?? ": ";
        sortKeys = arguments.Flag(3, "sort_keys");
    }

    public static Value Filter(Value value, Arguments arguments, RenderState state)
    {
        var text = new JsonText(arguments, state);
        text.Write(value, depth: 1);
        return new StringValue(text.result.ToString());
    }

    private void Write(Value value, int depth)
    {
        state.Charge();
        switch (value)
        {
            case NoneValue:
                result.Append("null");
                break;
            case BoolValue:
                result.Append(value.IsTrue ? "true" : "false");
                break;
            case IntValue:
                result.Append(value.Text);
                break;
            case FloatValue { Number: var number }:
                result.Append(double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? (number > 0 ? "Infinity" : "-Infinity") : value.Text);
                break;
            case StringValue:
                Quote(value.Text);
                break;
            case ListValue list:
                Write('[', ']', list.Values, depth, item => Write(item, depth + 1));
                break;
            case DictValue dict:
                Write('{', '}', Members(dict), depth, member =>
                {
                    Quote(member.Name);
                    result.Append(behindKey);
                    Write(member.Value, depth + 1);
                });
                break;
            default:
                throw new TemplateError($"Object of type {value.TypeName} is not JSON serializable");
        }
    }

    private void Write<T>(char opening, char closing, IReadOnlyList<T> items, int depth, Action<T> write)
    {
        result.Append(opening);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                result.Append(betweenItems);
            NewLine(depth);
            write(items[i]);
        }

        if (items.Count > 0)
            NewLine(depth - 1);
        result.Append(closing);
    }

    private void NewLine(int depth)
    {
        if (indent is null)
            return;
        result.Append('\n');
        for (var i = 0; i < depth; i++)
            result.Append(indent);
    }

    private List<(string Name, Value Value)> Members(DictValue dict)
    {
        var members = dict.Members.Select(member => (Name: Key(member.Key), member.Value)).ToList();
        return sortKeys ? [.. members.OrderBy(member => member.Name, StringComparer.Ordinal)] : members;
    }

    private static string Key(Value key) => key switch
    {
        StringValue or IntValue or FloatValue => key.Text,
        BoolValue => key.IsTrue ? "true" : "false",
        NoneValue => "null",
        _ => throw new TemplateError($"keys must be str, int, float, bool or None, not {key.TypeName}"),
    };

    private void Quote(string text)
    {
        state.Charge(text.Length / 8);
        result.Append('"');
        foreach (var c in text)
        {
            var escape = c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\f' => "\\f",
                '\b' => "\\b",
                < ' ' => $"\\u{(int)c:x4}",
                > '~' when asciiOnly => $"\\u{(int)c:x4}",
                _ => null,
            };
            _ = escape is null ? result.Append(c) : result.Append(escape);
        }

        result.Append('"');
    }
}
