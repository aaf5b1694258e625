using System.Globalization;
using System.Text;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Library;

/// <summary>C's strftime, in English.</summary>
internal static class TimeFormat
{
    public static string Write(DateTimeOffset time, string format)
    {
        var result = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
            {
                result.Append(format[at]);
                continue;
            }

            var unpadded = format[++at] == '-' && at + 1 < format.Length;
            var field = Field(time, unpadded ? format[++at] : format[at]);
            result.Append(unpadded && field.TrimStart('0', ' ') is { Length: > 0 } trimmed ? trimmed : field);
        }

        return result.ToString();
    }

    private static string Field(DateTimeOffset time, char code) => code switch
    {
        'Y' => Net(time, "yyyy"),
        'y' => Net(time, "yy"),
        'm' => Net(time, "MM"),
        'd' => Net(time, "dd"),
        'e' => $"{time.Day,2}",
        'H' => Net(time, "HH"),
        'I' => Net(time, "hh"),
        'M' => Net(time, "mm"),
        'S' => Net(time, "ss"),
        'f' => Net(time, "ffffff"),
        'p' => Net(time, "tt"),
        'b' or 'h' => Net(time, "MMM"),
        'B' => Net(time, "MMMM"),
        'a' => Net(time, "ddd"),
        'A' => Net(time, "dddd"),
        'j' => $"{time.DayOfYear:000}",
        'u' => $"{(time.DayOfWeek == 0 ? 7 : (int)time.DayOfWeek)}",
        'w' => $"{(int)time.DayOfWeek}",
        'z' => Net(time, "zzz").Replace(":", "", StringComparison.Ordinal),
        'Z' => TimeZoneInfo.Local.StandardName,
        'D' or 'x' => Net(time, "MM/dd/yy"),
        'F' => Net(time, "yyyy-MM-dd"),
        'T' or 'X' => Net(time, "HH:mm:ss"),
        'R' => Net(time, "HH:mm"),
        'c' => Net(time, $"ddd MMM {time.Day,2} HH:mm:ss yyyy"),
        's' => $"{time.ToUnixTimeSeconds()}",
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => throw new TemplateError($"the time format %{code}, which is not served"),
    };

    private static string Net(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
