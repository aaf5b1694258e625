namespace Splitwiser.Models.Grammar;

/// <summary>
/// The numbers from a bound that is not negative up to another, written digit by digit: as long as the digits are those of a bound they
/// stay <i>tight</i> to it, and the next digit is limited by the bound's own.
/// </summary>
internal sealed class NumberRange(ByteNfa nfa, DecimalBound low, DecimalBound? high, bool integer)
{
    private readonly int fractionDigits = integer ? 0 : Math.Max(GrammarLimits.FractionDigits, Math.Max(low.Fraction.Length, high?.Fraction.Length ?? 0));
    private readonly Dictionary<(int Behind, bool Low, bool High), int> fractions = [];

    public void Write(int from)
    {
        for (var length = 1; length <= GrammarLimits.IntegerDigits; length++)
            if (length >= low.Whole.Length && !(length > high?.Whole.Length)) WriteWhole(from, length);
    }

    /// <summary>Numbers of so many digits before the point.</summary>
    private void WriteWhole(int from, int length)
    {
        var states = new Dictionary<(bool Low, bool High), int> { [(low.Whole.Length == length, high?.Whole.Length == length)] = from };
        for (var i = 0; i < length; i++)
        {
            var next = new Dictionary<(bool Low, bool High), int>();
            foreach (var (tight, state) in states)
                for (var digit = i == 0 && length > 1 ? 1 : 0; digit < 10; digit++)
                    Step(state, digit, tight, tight.Low ? low.Whole[i] : '0', tight.High ? high!.Whole[i] : '9', next);
            states = next;
        }
        foreach (var (tight, state) in states)
        {
            if (IsWithin(0, tight)) nfa.AddEnd(state);
            if (integer) continue;
            var point = nfa.AddState();
            nfa.AddEdge(state, (byte)'.', (byte)'.', point);
            WriteDigit(point, 0, tight);
        }
    }

    private void Step(int state, int digit, (bool Low, bool High) tight, char least, char most, Dictionary<(bool Low, bool High), int> next)
    {
        var character = (char)('0' + digit);
        if ((tight.Low && character < least) || (tight.High && character > most)) return;
        var still = (tight.Low && character == least, tight.High && character == most);
        if (!next.TryGetValue(still, out var to)) next.Add(still, to = nfa.AddState());
        nfa.AddEdge(state, (byte)character, (byte)character, to);
    }

    /// <summary>The edges of the next digit behind the point.</summary>
    private void WriteDigit(int state, int behind, (bool Low, bool High) tight)
    {
        if (behind == fractionDigits) return;
        for (var character = '0'; character <= '9'; character++)
        {
            var (least, most) = (DigitOf(low, behind), high is null ? '9' : DigitOf(high, behind));
            if ((tight.Low && character < least) || (tight.High && character > most)) continue;
            var still = (tight.Low && character == least, tight.High && character == most);
            nfa.AddEdge(state, (byte)character, (byte)character, Behind(behind + 1, still));
        }
    }

    private int Behind(int behind, (bool Low, bool High) tight)
    {
        if (fractions.TryGetValue((behind, tight.Low, tight.High), out var state)) return state;
        fractions.Add((behind, tight.Low, tight.High), state = nfa.AddState());
        if (IsWithin(behind, tight)) nfa.AddEnd(state);
        WriteDigit(state, behind, tight);
        return state;
    }

    /// <summary>Whether the number may end here: all of a bound's digits that are left are zeros when it equals the bound.</summary>
    private bool IsWithin(int behind, (bool Low, bool High) tight) =>
        !(tight.Low && (behind < low.Fraction.Length || low.Exclusive))
        && !(tight.High && behind >= high!.Fraction.Length && high.Exclusive);

    private static char DigitOf(DecimalBound bound, int behind) => behind < bound.Fraction.Length ? bound.Fraction[behind] : '0';
}
