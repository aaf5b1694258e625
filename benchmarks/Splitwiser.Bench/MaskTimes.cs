using System.Diagnostics;
using Splitwiser.Models.Grammar;
using Splitwiser.Models.Tokenization;

namespace Splitwiser.Bench;

/// <summary>What the masks of a vocabulary cost along a text: in states that are new, and in states that were seen.</summary>
internal static class MaskTimes
{
    public const string Schema = """
        {"type":"object","properties":{"title":{"type":"string"},"code":{"type":"string","maxLength":40},"rating":{"type":"integer","minimum":1,"maximum":10},
         "price":{"type":"number","minimum":0},"tags":{"type":"array","items":{"enum":["new","used","rare"]},"maxItems":5},
         "seller":{"anyOf":[{"type":"null"},{"type":"object","properties":{"name":{"type":"string"},"since":{"type":"string","format":"date"}},"required":["name","since"],"additionalProperties":false}]}},
         "required":["title","code","rating","price","tags","seller"],"additionalProperties":false}
        """;

    private const string Text = """
        {"title": "A winter's walk through the old town", "code": "XK-2209-b", "rating": 8, "price": 129.95, "tags": ["used", "rare"], "seller": {"name": "Müller & Söhne", "since": "1998-04-30"}}
        """;

    public static IReadOnlyList<Figure> Measure(string path, int runs)
    {
        var tokenizer = Tokenizer.Load(path);
        var constraint = new Constraint { Kind = ConstraintKind.JsonSchema, Source = Schema };
        var ids = tokenizer.Encode(Text.Trim(), addSpecialTokens: false);
        var (tables, compiles, firsts, worsts, agains) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var run = 0; run <= runs; run++)
        {
            var grammars = new Grammars(tokenizer, tokenizer.VocabularySize);
            var started = Stopwatch.GetTimestamp();
            var grammar = grammars.Of(constraint);
            var compile = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            started = Stopwatch.GetTimestamp();
            var cursor = grammar.Open([]);
            var table = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            var first = Walk(cursor, ids);
            var again = Walk(grammar.Open([]), ids);
            if (run == 0) continue;     // the code itself is compiled
            compiles.Add(compile);
            tables.Add(table);
            firsts.Add(first.Average());
            worsts.Add(first.Max());
            agains.Add(again.Average());
        }
        return
        [
            new("vocabulary", tokenizer.VocabularySize, "tokens"),
            new("tree of the vocabulary, once a model", Median.Of(tables), "ms"),
            new("compiling the schema", Median.Of(compiles), "ms"),
            new($"mask of a new state, mean of {ids.Length} tokens", Median.Of(firsts) * 1000, "us"),
            new("mask of a new state, longest", Median.Of(worsts) * 1000, "us"),
            new("mask of a state that was seen, mean", Median.Of(agains) * 1000, "us"),
        ];
    }

    private static List<double> Walk(GrammarCursor cursor, int[] ids)
    {
        var times = new List<double>();
        foreach (var id in ids)
        {
            var started = Stopwatch.GetTimestamp();
            cursor.Prepare();
            if (!cursor.TryAccept(id)) throw new InvalidOperationException($"Token {id} does not fit.");
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        return times;
    }
}
