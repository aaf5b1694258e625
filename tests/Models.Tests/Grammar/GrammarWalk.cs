using Splitwiser.Models.Grammar;
using Splitwiser.Models.Tokenization;

namespace Splitwiser.Models.Tests.Grammar;

/// <summary>A model of chance: it takes allowed tokens at random, those that close something rather often, until the grammar lets it end.</summary>
internal static class GrammarWalk
{
    private static readonly string[] closers = ["\"", "}", "]", ",", ":", "0", "\"}", "\n"];

    /// <returns>The text, null when it did not end within the tokens.</returns>
    public static string? Text(TokenGrammar grammar, Tokenizer tokenizer, Random random, int most = 2000)
    {
        return Finish(grammar.Open([End(tokenizer)]), tokenizer, random, most);
    }

    /// <summary>Goes on from where a cursor stands.</summary>
    public static string? Finish(GrammarCursor cursor, Tokenizer tokenizer, Random random, int most = 2000)
    {
        var end = End(tokenizer);
        var closing = closers.Select(text => tokenizer.Encode(text, addSpecialTokens: false)[^1]).ToArray();
        var ids = new List<int>();
        for (var i = 0; i < most; i++)
        {
            cursor.Prepare();
            cursor.IsStuck.ShouldBeFalse(tokenizer.Decode(ids.ToArray()));
            var id = Pick(cursor.Allowed.Span, random, closing, end);
            cursor.TryAccept(id).ShouldBeTrue($"token {id} behind {tokenizer.Decode(ids.ToArray())}");
            if (id == end) return tokenizer.Decode(ids.ToArray());
            ids.Add(id);
        }
        return null;
    }

    /// <summary>Stands for EOS.</summary>
    private static int End(Tokenizer tokenizer) => tokenizer.VocabularySize - 1;

    /// <summary>Whether the tokens of the text fit, and the end behind them.</summary>
    public static bool Accepts(TokenGrammar grammar, Tokenizer tokenizer, string text)
    {
        var end = End(tokenizer);
        var cursor = grammar.Open([end]);
        return tokenizer.Encode(text, addSpecialTokens: false).All(cursor.TryAccept) && cursor.TryAccept(end);
    }

    private static int Pick(ReadOnlySpan<uint> allowed, Random random, int[] closing, int end)
    {
        if (Has(allowed, end) && random.Next(2) == 0) return end;
        if (random.Next(4) == 0)
        {
            var start = random.Next(closing.Length);
            for (var i = 0; i < closing.Length; i++)
                if (closing[(start + i) % closing.Length] is var id && Has(allowed, id)) return id;
        }
        for (var from = random.Next(allowed.Length * 32); ; from = from + 1 == allowed.Length * 32 ? 0 : from + 1)
            if (Has(allowed, from)) return from;
    }

    private static bool Has(ReadOnlySpan<uint> allowed, int id) => (allowed[id >> 5] >> id & 1) != 0;
}
