namespace Splitwiser.Models.Chat.Values;

/// <summary>A string that counts as escaped: what safe and escape give. Plain strings that are added to it are escaped.</summary>
internal sealed class MarkupValue(string text) : StringValue(text)
{
    public override string TypeName => "Markup";

    public override string Literal => $"Markup({base.Literal})";

    /// <summary>The text of a value with HTML's characters escaped, unless it is escaped already.</summary>
    public static string Escape(Value value) => value is MarkupValue ? value.Text : Escape(value.Text);

    public static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal);

    /// <summary>Its methods are a string's, with markup for strings in their results.</summary>
    public override Value? Property(string name) => base.Property(name) is FunctionValue method
        ? new FunctionValue(name, arguments => Marked(method.Call(arguments)))
        : null;

    public override StringValue Like(string text) => new MarkupValue(text);

    private static Value Marked(Value value) => value switch
    {
        StringValue text => new MarkupValue(text.Text),
        ListValue list => new ListValue([.. list.Values.Select(Marked)], list.Kind),
        _ => value,
    };
}
