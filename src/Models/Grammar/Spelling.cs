using System.Globalization;
using System.Text;
using Splitwiser.Models.Tokenization.Patterns;

namespace Splitwiser.Models.Grammar;

/// <summary>How characters are written as bytes: plain UTF-8, or as the inside of a JSON string, where each character has one spelling here.</summary>
internal enum Spelling
{
    Utf8,
    JsonString,
}

/// <summary>Writes sets of characters into an automaton.</summary>
internal static class SpellingExtensions
{
    private static readonly CodePointSet surrogates = CodePointSet.Of((0xD800, 0xDFFF));
    private static readonly CodePointSet escaped = CodePointSet.Of((0, 0x1F), ('"', '"'), ('\\', '\\'));

    // (lengths of UTF-8) the last code point that each takes
    private static readonly int[] lastOfLength = [0x7F, 0x7FF, 0xFFFF, 0x10FFFF];

    /// <summary>Edges from one state to another for each of the characters. Halves of surrogate pairs are no characters.</summary>
    public static void Add(this ByteNfa nfa, int from, CodePointSet characters, Spelling spelling, int to)
    {
        characters -= surrogates;
        if (spelling == Spelling.JsonString)
        {
            foreach (var (first, last) in (characters & escaped).Ranges)
                for (var point = first; point <= last; point++) nfa.AddLiteral(from, Escape(point), to);
            characters -= escaped;
        }
        foreach (var (first, last) in characters.Ranges) nfa.AddUtf8(from, first, last, to);
    }

    /// <summary>The text as a JSON string, quotes included, with escapes only where there must be some.</summary>
    public static byte[] JsonString(string text)
    {
        var json = new List<byte> { (byte)'"' };
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            if (escaped.Contains(rune.Value)) json.AddRange(Escape(rune.Value));
            else json.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
        }
        json.Add((byte)'"');
        return [.. json];
    }

    private static byte[] Escape(int point) => Encoding.ASCII.GetBytes(point switch
    {
        '"' => "\\\"",
        '\\' => @"\\",
        '\b' => @"\b",
        '\f' => @"\f",
        '\n' => @"\n",
        '\r' => @"\r",
        '\t' => @"\t",
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{point:x4}"),
    });

    private static void AddUtf8(this ByteNfa nfa, int from, int first, int last, int to)
    {
        foreach (var end in lastOfLength)
        {
            if (first > end) continue;
            var length = Array.IndexOf(lastOfLength, end) + 1;
            nfa.AddSameLength(from, Encode(first, length), Encode(Math.Min(last, end), length), to);
            if (last <= end) return;
            first = end + 1;
        }
    }

    /// <summary>All byte strings from one to another of the same length, in order: the first byte's range, with limits behind its ends.</summary>
    private static void AddSameLength(this ByteNfa nfa, int from, ReadOnlySpan<byte> low, ReadOnlySpan<byte> high, int to)
    {
        if (low.Length == 1)
        {
            nfa.AddEdge(from, low[0], high[0], to);
            return;
        }
        Span<byte> least = stackalloc byte[low.Length - 1], most = stackalloc byte[low.Length - 1];
        least.Fill(0x80);
        most.Fill(0xBF);
        var (first, last) = ((int)low[0], (int)high[0]);
        if (first == last)
        {
            nfa.AddSameLength(nfa.Behind(from, first, first), low[1..], high[1..], to);
            return;
        }
        if (!low[1..].SequenceEqual(least))
        {
            nfa.AddSameLength(nfa.Behind(from, first, first), low[1..], most, to);
            first++;
        }
        if (!high[1..].SequenceEqual(most))
        {
            nfa.AddSameLength(nfa.Behind(from, last, last), least, high[1..], to);
            last--;
        }
        if (first <= last) nfa.AddSameLength(nfa.Behind(from, first, last), least, most, to);
    }

    private static int Behind(this ByteNfa nfa, int from, int first, int last)
    {
        var next = nfa.AddState();
        nfa.AddEdge(from, (byte)first, (byte)last, next);
        return next;
    }

    private static byte[] Encode(int point, int length)
    {
        var bytes = new byte[length];
        for (var i = length - 1; i > 0; i--, point >>= 6) bytes[i] = (byte)(0x80 | point & 0x3F);
        bytes[0] = (byte)(length == 1 ? point : 0xF00 >> length & 0xFF | point);
        return bytes;
    }
}
