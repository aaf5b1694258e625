using System.Collections.Immutable;
using System.Text;

namespace Splitwiser.Grains;

/// <summary>
/// Finds the first stop string in a text that comes in pieces, and holds back what could begin one. First is the one whose
/// last character comes first, and of those that end together the longest: so the cut does not depend on the pieces.
/// </summary>
/// <param name="stops">None is empty.</param>
/// <param name="include">The stop string stays in the text.</param>
internal sealed class StopScanner(ImmutableArray<string> stops, bool include)
{
    private readonly ImmutableArray<Matcher> matchers = [.. stops.Select(stop => new Matcher(stop))];
    private readonly StringBuilder held = new();

    /// <summary>The stop string that was met: the text is over.</summary>
    public string? Met { get; private set; }

    /// <summary>Takes the next piece, gives the text that is certain.</summary>
    /// <param name="armed">Whether a stop string that ends in this piece counts.</param>
    public string Scan(string piece, bool armed = true)
    {
        if (Met is not null) return "";
        if (matchers.IsEmpty) return piece;
        foreach (var character in piece)
        {
            held.Append(character);
            foreach (var matcher in matchers)
                if (matcher.Completes(character) && armed && matcher.Stop.Length > (Met?.Length ?? 0)) Met = matcher.Stop;
            if (Met is not null) return Release(include ? 0 : Met.Length);
        }

        return Release(matchers.Max(matcher => matcher.Matched));
    }

    /// <summary>At the end of the text: what was held back.</summary>
    public string Rest() => Met is null ? Release(0) : "";

    private string Release(int keep)
    {
        var certain = held.ToString(0, held.Length - keep);
        held.Remove(0, certain.Length);
        return certain;
    }

    /// <summary>Knuth, Morris and Pratt's automaton of one stop string.</summary>
    private sealed class Matcher
    {
        private readonly int[] borders; // (Stop.Length) borders[i]: longest proper prefix of Stop that also ends Stop[..(i + 1)]

        public Matcher(string stop)
        {
            Stop = stop;
            borders = new int[stop.Length];
            for (int i = 1, border = 0; i < stop.Length; i++)
                borders[i] = border = Extend(border, stop[i]);
        }

        public string Stop { get; }

        /// <summary>Characters at the text's end that begin the stop string.</summary>
        public int Matched { get; private set; }

        public bool Completes(char character)
        {
            Matched = Extend(Matched, character);
            if (Matched < Stop.Length) return false;
            Matched = borders[^1];
            return true;
        }

        private int Extend(int matched, char character)
        {
            while (matched > 0 && Stop[matched] != character) matched = borders[matched - 1];
            return Stop[matched] == character ? matched + 1 : matched;
        }
    }
}
