namespace Splitwiser.Models.Grammar;

/// <summary>The formats of strings that are served, each as a pattern that allows nothing but that format: common spellings of it, not all.</summary>
internal static class SchemaFormats
{
    private const string Leap = @"(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
    private const string Date = @"(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))|" + Leap + "-02-29)";
    private const string Time = @"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)";
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?";
    private const string Host = Label + @"(?:\." + Label + "){0,3}";
    private const string Byte = @"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)";
    private const string Group = "[0-9a-fA-F]{1,4}";
    private const string Six = "(?:" + Group + "(?::" + Group + "){7}|" + Group + "(?::" + Group + "){0,2}::" + Group + "(?::" + Group + "){0,2}|::(?:" + Group + "(?::" + Group + "){0,4})?)";
    private const string DateSpan = @"(?:\d{1,9}Y(?:\d{1,9}M(?:\d{1,9}D)?)?|\d{1,9}M(?:\d{1,9}D)?|\d{1,9}D)";
    private const string TimeSpan = @"T(?:\d{1,9}H(?:\d{1,9}M(?:\d{1,9}S)?)?|\d{1,9}M(?:\d{1,9}S)?|\d{1,9}S)";
    private const string Hex = "[0-9a-fA-F]";

    private static readonly Dictionary<string, string> patterns = new()
    {
        ["date-time"] = $"{Date}T{Time}",
        ["date"] = Date,
        ["time"] = Time,
        ["duration"] = $@"P(?:{DateSpan}(?:{TimeSpan})?|{TimeSpan}|\d{{1,9}}W)",
        ["email"] = @"[A-Za-z0-9_+-]{1,32}(?:\.[A-Za-z0-9_+-]{1,32}){0,2}@" + Label + @"(?:\." + Label + @"){0,2}\.[A-Za-z]{2,12}",
        ["hostname"] = Host,
        ["ipv4"] = $@"{Byte}(?:\.{Byte}){{3}}",
        ["ipv6"] = Six,
        ["uuid"] = $"{Hex}{{8}}-{Hex}{{4}}-{Hex}{{4}}-{Hex}{{4}}-{Hex}{{12}}",
        ["uri"] = @"(?:https?|ftp)://" + Host + @"(?::[1-9]\d{0,3})?(?:/[A-Za-z0-9._~-]{0,64}){0,8}(?:\?[A-Za-z0-9._~=&-]{0,128})?(?:#[A-Za-z0-9._~-]{0,64})?",
    };

    public static string Names { get; } = string.Join(", ", patterns.Keys);

    /// <summary>Null for a format that is not served.</summary>
    public static PatternPart? Of(string format) => patterns.TryGetValue(format, out var pattern) ? PatternReader.ReadWhole(pattern) : null;
}
