using System.Globalization;

namespace Splitwiser.Models.Grammar;

/// <summary>A decimal number that bounds others, digit by digit.</summary>
/// <param name="Whole">Digits before the point, without leading zeros; "0" for none.</param>
/// <param name="Fraction">Digits behind the point, without trailing zeros.</param>
internal sealed record DecimalBound(string Whole, string Fraction, bool Exclusive)
{
    public static DecimalBound Of(decimal magnitude, bool exclusive)
    {
        var parts = magnitude.ToString(CultureInfo.InvariantCulture).Split('.');
        return new(parts[0], parts.Length > 1 ? parts[1].TrimEnd('0') : "", exclusive);
    }
}

/// <summary>Terminals of JSON numbers within bounds, and of multiples.</summary>
internal static class Numbers
{
    private const int MaxModulus = 10_000;

    /// <summary>Any number: a finite double, whatever its digits.</summary>
    public static ByteDfa Any { get; } = PatternReader.ReadWhole(
        $@"-?(0|[1-9]\d{{0,{GrammarLimits.IntegerDigits - 1}}})(\.\d{{1,{GrammarLimits.FractionDigits}}})?([eE][+-]?\d{{1,2}})?").ToDfa(Spelling.Utf8);

    /// <summary>Any integer that is an Int64.</summary>
    public static ByteDfa AnyInteger { get; } = PatternReader.ReadWhole($@"0|-?[1-9]\d{{0,{GrammarLimits.IntegerDigits - 1}}}").ToDfa(Spelling.Utf8);

    /// <summary>The numbers between two bounds, in plain digits without an exponent; null for no bound.</summary>
    public static ByteDfa Between(decimal? least, bool leastExcluded, decimal? most, bool mostExcluded, bool integer)
    {
        var nfa = new ByteNfa();
        if (most is null or >= 0)
        {
            var low = least is > 0 ? DecimalBound.Of(least.Value, leastExcluded) : DecimalBound.Of(0, least == 0 && leastExcluded);
            new NumberRange(nfa, low, most is { } high ? DecimalBound.Of(high, mostExcluded) : null, integer).Write(nfa.Start);
        }
        if (least is null or < 0)
        {
            var low = most is < 0 ? DecimalBound.Of(-most.Value, mostExcluded) : DecimalBound.Of(0, true);      // no "-0"
            var minus = nfa.AddState();
            nfa.AddEdge(nfa.Start, (byte)'-', (byte)'-', minus);
            new NumberRange(nfa, low, least is { } high ? DecimalBound.Of(-high, leastExcluded) : null, integer).Write(minus);
        }
        return nfa.ToDfa();
    }

    /// <summary>The multiples of a number: the digits so far, as one number, are kept modulo the divisor's digits.</summary>
    /// <exception cref="GrammarException">The divisor is not above 0, or has too many digits.</exception>
    public static ByteDfa MultiplesOf(decimal divisor)
    {
        var fraction = 0;
        while (divisor != decimal.Truncate(divisor) && fraction < 9)
        {
            divisor *= 10;
            fraction++;
        }
        if (divisor <= 0 || divisor > MaxModulus || divisor != decimal.Truncate(divisor))
            throw new GrammarException("", "multipleOf", $"multipleOf is served above 0, with up to {MaxModulus} as its digits");

        var modulus = (int)divisor;
        var nfa = new ByteNfa();
        var states = new int[fraction + 1, modulus];       // by digits behind the point and remainder; a remainder behind the point counts in the last of them
        for (var behind = 0; behind <= fraction; behind++)
            for (var rest = 0; rest < modulus; rest++) states[behind, rest] = nfa.AddState();
        var first = nfa.AddState();
        nfa.AddEmpty(nfa.Start, first);
        nfa.AddEdge(nfa.Start, (byte)'-', (byte)'-', first);
        for (var digit = 0; digit < 10; digit++) nfa.AddEdge(first, (byte)('0' + digit), (byte)('0' + digit), states[0, digit % modulus]);
        for (var rest = 0; rest < modulus; rest++)
        {
            var point = fraction > 0 ? nfa.AddState() : 0;
            if (fraction > 0) nfa.AddEdge(states[0, rest], (byte)'.', (byte)'.', point);
            for (var digit = 0; digit < 10; digit++)
            {
                var to = (rest * 10 + digit) % modulus;
                var value = (byte)('0' + digit);
                nfa.AddEdge(states[0, rest], value, value, states[0, to]);
                if (fraction > 0) nfa.AddEdge(point, value, value, states[1, to]);
                for (var behind = 1; behind < fraction; behind++) nfa.AddEdge(states[behind, rest], value, value, states[behind + 1, to]);
            }
        }
        for (var behind = 0; behind <= fraction; behind++)
        {
            var scale = 1L;
            for (var i = behind; i < fraction; i++) scale = scale * 10 % modulus;
            for (var rest = 0; rest < modulus; rest++)
                if (rest * scale % modulus == 0) nfa.AddEnd(states[behind, rest]);
        }
        return nfa.ToDfa();
    }
}
