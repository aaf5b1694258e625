using System.Text;
using System.Text.Json;

namespace Splitwiser.Tests;

/// <summary>Damage for files of a known shape: one value of a JSON document made impossible, or bytes that are simply wrong.</summary>
internal static class Mutation
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "1", "2", "-1", "-0", "3.5", "1e3", "2147483647", "2147483648", "-2147483649", "9223372036854775807",
        "9223372036854775808", "18446744073709551616", "1e308", "1e999", "-1e999", "1e-400", "NaN", "-Infinity", "[]", "{}", "[null]", "[[]]", "[0,1]",
        "{\"\":{}}", "\"\"", "\"x\"", "\"\\u0000\"", "\"\\ud800\"", "\"../x\"", "\"\\u00e9\\ud83d\\ude00\"", "'x'", "", ",", "}",
    ];

    /// <summary>The document with one to three of its values or members deleted, repeated, renamed, replaced or wrapped.</summary>
    public static byte[] OfJson(ReadOnlySpan<byte> json, Random random)
    {
        var text = Encoding.UTF8.GetString(json);
        for (var times = 1 + random.Next(3); times > 0; times--)
        {
            try
            {
                using var document = JsonDocument.Parse(text);
                text = new Writer(document.RootElement, random).Text;
            }
            catch (JsonException)
            {
                break;      // one of the changes before broke the syntax: enough
            }
        }
        return Encoding.UTF8.GetBytes(text);
    }

    /// <summary>The bytes with some flipped, cut off, removed, repeated or put in.</summary>
    public static byte[] OfBytes(ReadOnlySpan<byte> bytes, Random random)
    {
        var (start, length) = (random.Next(bytes.Length), 1 + random.Next(16));
        var end = Math.Min(start + length, bytes.Length);
        switch (random.Next(5))
        {
            case 0:
                return bytes[..start].ToArray();
            case 1:
                return [.. bytes[..start], .. bytes[end..]];
            case 2:
                return [.. bytes[..end], .. bytes[start..]];
            case 3:
                var noise = new byte[length];
                random.NextBytes(noise);
                return [.. bytes[..start], .. noise, .. bytes[start..]];
            default:
                var flipped = bytes.ToArray();
                for (; length > 0; length--)
                    flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
                return flipped;
        }
    }

    /// <summary>Writes a document again and goes wrong at one of its values.</summary>
    private sealed class Writer
    {
        private readonly StringBuilder text = new();
        private readonly Random random;
        private readonly int target;
        private int at;

        public Writer(JsonElement root, Random random)
        {
            this.random = random;
            target = random.Next(Count(root));
            Write("", root);
        }

        public string Text => text.ToString();

        private static int Count(JsonElement value) => 1 + value.ValueKind switch
        {
            JsonValueKind.Object => value.EnumerateObject().Sum(member => Count(member.Value)),
            JsonValueKind.Array => value.EnumerateArray().Sum(Count),
            _ => 0,
        };

        /// <param name="name">The member's name with its colon; empty for items and the root.</param>
        private void Write(string name, JsonElement value)
        {
            if (at++ == target)
                WriteWrong(name, value);
            else
                WriteRight(name, value);
        }

        private void WriteRight(string name, JsonElement value)
        {
            text.Append(name);
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    Enclose('{', value.EnumerateObject(), member => Write($"{JsonSerializer.Serialize(member.Name)}:", member.Value), '}');
                    break;
                case JsonValueKind.Array:
                    Enclose('[', value.EnumerateArray(), item => Write("", item), ']');
                    break;
                default:
                    text.Append(value.GetRawText());
                    break;
            }
        }

        private void Enclose<T>(char open, IEnumerable<T> items, Action<T> write, char close)
        {
            text.Append(open);
            var start = text.Length;
            foreach (var item in items)
            {
                if (text.Length > start && text[^1] != ',')
                    text.Append(',');
                write(item);
            }
            if (text[^1] == ',')
                text.Length--;
            text.Append(close);
        }

        private void WriteWrong(string name, JsonElement value)
        {
            switch (random.Next(8))
            {
                case 0:
                    break;                                                          // deleted
                case 1:
                    text.Append(name).Append(value.GetRawText()).Append(',').Append(name).Append(value.GetRawText());
                    break;
                case 2:
                    text.Append(name.Length > 0 ? "\"renamed\":" : "").Append(value.GetRawText());
                    break;
                case 3:
                    var depth = random.Next(4) switch { 0 => 50_000, 1 => 64, 2 => 3, _ => 1 };
                    text.Append(name).Append('[', depth).Append(value.GetRawText()).Append(']', depth);
                    break;
                case 4 when value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number):
                    text.Append(name).Append(random.Next(4) switch { 0 => number + 1, 1 => number - 1, 2 => -number, _ => number * 2 });
                    break;
                case 5 when value.ValueKind == JsonValueKind.String:
                    text.Append(name).Append('"').Append('x', random.Next(2) == 0 ? 3 : 100_000).Append('"');
                    break;
                default:
                    text.Append(name).Append(Values[random.Next(Values.Length)]);
                    break;
            }
        }
    }
}
