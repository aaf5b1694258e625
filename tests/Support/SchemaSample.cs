using System.Globalization;
using System.Text.Json.Nodes;

namespace Splitwiser.Tests;

/// <summary>
/// A random schema of the subset, with texts that satisfy it. It is drawn together with a way to draw its values, so that neither the grammar nor
/// the validator is asked what is valid. Closed in size: every array, string and object has its bounds.
/// </summary>
internal sealed record SchemaSample(JsonNode Schema, Func<Random, string> Value)
{
    private static readonly string[] names = ["id", "name", "äöü", "a b", "\"q\"", "\\", "n\nl", "x", "𝄞", "items"];
    private static readonly string[] texts = ["", "a", "zwei Wörter", "\"", "\\n", "tab\there", "日本語", "𝄞 clef", "/", "\u0001"];

    public static SchemaSample Draw(Random random, int depth = 3)
    {
        var kind = random.Next(depth > 0 ? 13 : 9);
        return kind switch
        {
            0 => new(new JsonObject { ["type"] = "null" }, _ => "null"),
            1 => new(new JsonObject { ["type"] = "boolean" }, r => r.Next(2) == 0 ? "true" : "false"),
            2 => Integer(random),
            3 => Number(random),
            4 => Text(random),
            5 => Listed(random),
            6 => Constant(random),
            7 => Patterned(random),
            8 => Typed(random),
            9 => Array(random, depth),
            10 => Tuple(random, depth),
            11 => AnyOf(random, depth),
            _ => Object(random, depth),
        };
    }

    private static SchemaSample Integer(Random random)
    {
        var (low, high) = Bounds(random, 1_000_000_000);
        var step = random.Next(3) == 0 ? random.Next(1, 20) : 1;
        if (high - low < step) high = low + step;
        var schema = new JsonObject { ["type"] = "integer", ["minimum"] = low, ["maximum"] = high };
        if (step > 1) schema["multipleOf"] = step;
        return new(schema, r => (FirstMultiple(low, step) + step * r.NextInt64((high - FirstMultiple(low, step)) / step + 1)).ToString(CultureInfo.InvariantCulture));
    }

    private static SchemaSample Number(Random random)
    {
        var (low, high) = Bounds(random, 1000);
        var (least, most) = (low + random.Next(100) / 100m, high + 1 + random.Next(100) / 100m);
        var schema = new JsonObject { ["type"] = "number", [random.Next(2) == 0 ? "minimum" : "exclusiveMinimum"] = least, [random.Next(2) == 0 ? "maximum" : "exclusiveMaximum"] = most };
        return new(schema, r => Plain(least + (most - least) * r.Next(1, 1000) / 1000m));
    }

    private static SchemaSample Text(Random random)
    {
        var (least, most) = (random.Next(3), random.Next(3, 12));
        var schema = new JsonObject { ["type"] = "string", ["minLength"] = least, ["maxLength"] = most };
        return new(schema, r =>
        {
            var points = string.Concat(Enumerable.Repeat(0, 4).Select(_ => texts[r.Next(texts.Length)]) .Append("xyz")).EnumerateRunes().Take(r.Next(least, most + 1));
            return Json(string.Concat(points));
        });
    }

    private static SchemaSample Listed(Random random)
    {
        var values = Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(3) switch
        {
            0 => random.Next(-1000, 1000).ToString(CultureInfo.InvariantCulture),
            1 => "true",
            _ => Json(texts[random.Next(texts.Length)]),
        }).Distinct().ToArray();
        return new(new JsonObject { ["enum"] = new JsonArray([.. values.Select(value => JsonNode.Parse(value))]) }, r => values[r.Next(values.Length)]);
    }

    private static SchemaSample Constant(Random random)
    {
        var value = random.Next(2) == 0 ? "{\"k\":[1,\"x\",null]}" : Json(texts[random.Next(texts.Length)]);
        return new(new JsonObject { ["const"] = JsonNode.Parse(value) }, _ => value);
    }

    private static SchemaSample Patterned(Random random) => random.Next(5) switch
    {
        0 => new(new JsonObject { ["type"] = "string", ["pattern"] = "^[a-c]{2,4}-\\d+$", ["maxLength"] = 12 }, r => Json($"{"abcabc".Substring(r.Next(3), r.Next(2, 4))}-{r.Next(1000)}")),
        1 => new(new JsonObject { ["type"] = "string", ["format"] = "uuid" }, r => Json(new Guid([.. Enumerable.Range(0, 16).Select(_ => (byte)r.Next(256))]).ToString())),
        2 => new(new JsonObject { ["type"] = "string", ["format"] = "date" }, r => Json(new DateOnly(1900, 1, 1).AddDays(r.Next(100_000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))),
        3 => new(new JsonObject { ["type"] = "string", ["pattern"] = "\\.(jpg|png)$", ["maxLength"] = 20 }, r => Json($"bild{r.Next(100)}.{(r.Next(2) == 0 ? "jpg" : "png")}")),
        _ => new(new JsonObject { ["type"] = "string", ["format"] = "ipv4" }, r => Json($"{r.Next(256)}.{r.Next(256)}.{r.Next(256)}.{r.Next(256)}")),
    };

    private static SchemaSample Typed(Random random)
    {
        var schema = new JsonObject { ["type"] = new JsonArray("string", "null", "integer"), ["maxLength"] = 5, ["minimum"] = 0, ["maximum"] = 99 };
        return new(schema, r => r.Next(3) switch { 0 => "null", 1 => r.Next(100).ToString(CultureInfo.InvariantCulture), _ => "\"ab\"" });
    }

    private static SchemaSample Array(Random random, int depth)
    {
        var item = Draw(random, depth - 1);
        var (least, most) = (random.Next(2), random.Next(2, 4));
        var schema = new JsonObject { ["type"] = "array", ["items"] = item.Schema, ["minItems"] = least, ["maxItems"] = most };
        return new(schema, r => Bracketed(r, '[', ']', Enumerable.Range(0, r.Next(least, most + 1)).Select(_ => item.Value(r)).ToArray()));
    }

    private static SchemaSample Tuple(Random random, int depth)
    {
        var items = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Draw(random, depth - 1)).ToArray();
        var schema = new JsonObject { ["type"] = "array", ["prefixItems"] = new JsonArray([.. items.Select(item => item.Schema)]), ["items"] = false, ["minItems"] = 1 };
        return new(schema, r => Bracketed(r, '[', ']', items.Take(r.Next(1, items.Length + 1)).Select(item => item.Value(r)).ToArray()));
    }

    private static SchemaSample AnyOf(Random random, int depth)
    {
        var options = Enumerable.Range(0, random.Next(2, 4)).Select(_ => Draw(random, depth - 1)).ToArray();
        return new(new JsonObject { ["anyOf"] = new JsonArray([.. options.Select(option => option.Schema)]) }, r => options[r.Next(options.Length)].Value(r));
    }

    private static SchemaSample Object(Random random, int depth)
    {
        var members = names.OrderBy(_ => random.Next()).Take(random.Next(5)).Select(name => (Name: name, Sample: Draw(random, depth - 1), Required: random.Next(2) == 0)).ToArray();
        var more = random.Next(4) == 0 ? Draw(random, 0) : null;
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(members.Select(member => KeyValuePair.Create(member.Name, (JsonNode?)member.Sample.Schema))),
            ["required"] = new JsonArray([.. members.Where(member => member.Required).Select(member => (JsonNode)member.Name)]),
            ["additionalProperties"] = more?.Schema ?? false,
        };
        if (more is not null) schema["maxProperties"] = members.Length + 2;
        return new(schema, r =>
        {
            var chosen = members.Where(member => member.Required || r.Next(2) == 0).Select(member => (member.Name, Value: member.Sample.Value(r))).ToList();
            if (more is not null && r.Next(2) == 0) chosen.Add(("more", more.Value(r)));
            return Bracketed(r, '{', '}', chosen.Select(member => $"{Json(member.Name)}:{(r.Next(2) == 0 ? " " : "")}{member.Value}").ToArray());
        });
    }

    private static string Bracketed(Random random, char open, char close, string[] parts) => (parts.Length > 0 ? random.Next(3) : 0) switch
    {
        0 => $"{open}{string.Join(",", parts)}{close}",
        1 => $"{open}{string.Join(", ", parts)}{close}",
        _ => $"{open}\n  {string.Join(",\n  ", parts)}\n{close}",
    };

    /// <summary>The text as JSON with escapes only where there must be some.</summary>
    private static string Json(string text) => "\"" + string.Concat(text.Select(c => c switch
    {
        '"' => "\\\"",
        '\\' => @"\\",
        '\n' => @"\n",
        '\t' => @"\t",
        < ' ' => $"\\u{(int)c:x4}",
        _ => c.ToString(),
    })) + "\"";

    private static string Plain(decimal value) => Math.Round(value, 4).ToString("0.####", CultureInfo.InvariantCulture);

    private static (long Low, long High) Bounds(Random random, int scale)
    {
        var (a, b) = (random.NextInt64(-scale, scale), random.NextInt64(-scale, scale));
        return (Math.Min(a, b), Math.Max(a, b));
    }

    private static long FirstMultiple(long low, int step) => low + ((-low % step + step) % step);
}
