namespace Splitwiser.Models.Grammar;

/// <summary>A deterministic automaton over bytes without dead ends: bytes that no state tells apart share a column of its table.</summary>
internal sealed class ByteDfa : ByteMatcher
{
    private readonly byte[] columns;    // (256) column of each byte
    private readonly int columnCount;
    private readonly int[] table;       // (states, columns) next state or Dead
    private readonly bool[] accepting;  // (states)

    private ByteDfa(byte[] columns, int columnCount, int[] table, bool[] accepting) =>
        (this.columns, this.columnCount, this.table, this.accepting) = (columns, columnCount, table, accepting);

    public int StateCount => accepting.Length;

    /// <summary>Nothing matches: the one automaton whose start is a dead end.</summary>
    public bool IsEmpty => !accepting[0] && !GoesOn(0);

    public override long Bytes => 400 + 4L * table.Length + accepting.Length;

    public override int Next(int state, byte value) => table[state * columnCount + columns[value]];

    public override bool Accepts(int state) => accepting[state];

    public override bool GoesOn(int state) => table.AsSpan(state * columnCount, columnCount).IndexOfAnyExcept(Dead) >= 0;

    /// <param name="rows">(states) next states by byte, Dead for none; state 0 is the start.</param>
    public static ByteDfa Of(IReadOnlyList<int[]> rows, IReadOnlyList<bool> accepts)
    {
        var kept = Renumbered(LiveStates(rows, accepts));
        var next = kept.Order.Select(state => Array.ConvertAll(rows[state], to => to == Dead ? Dead : kept.Number[to])).ToArray();
        var (columns, count) = Columns(next);
        var table = new int[next.Length * count];
        for (var state = 0; state < next.Length; state++)
            for (var value = 0; value < 256; value++) table[state * count + columns[value]] = next[state][value];
        return new ByteDfa(columns, count, table, [.. kept.Order.Select(state => accepts[state])]);
    }

    /// <summary>What both match.</summary>
    public static ByteDfa Both(ByteDfa a, ByteDfa b) => Product(a, b, secondMayDie: false, static (inA, inB) => inA && inB);

    /// <summary>What the first matches and the second does not.</summary>
    public static ByteDfa Without(ByteDfa a, ByteDfa b) => Product(a, b, secondMayDie: true, static (inA, inB) => inA && !inB);

    private static ByteDfa Product(ByteDfa a, ByteDfa b, bool secondMayDie, Func<bool, bool, bool> accept)
    {
        var numbers = new Dictionary<(int A, int B), int> { [(0, 0)] = 0 };
        var states = new List<(int A, int B)> { (0, 0) };
        var rows = new List<int[]>();
        for (var i = 0; i < states.Count; i++)
        {
            var (inA, inB) = states[i];
            var row = new int[256];
            for (var value = 0; value < 256; value++)
            {
                var to = (A: a.Next(inA, (byte)value), B: inB == Dead ? Dead : b.Next(inB, (byte)value));
                row[value] = Dead;
                if (to.A == Dead || (to.B == Dead && !secondMayDie)) continue;
                if (!numbers.TryGetValue(to, out row[value]))
                {
                    numbers.Add(to, row[value] = states.Count);
                    states.Add(to);
                    ByteNfa.RequireStates(states.Count);
                }
            }
            rows.Add(row);
        }
        return Of(rows, [.. states.Select(state => accept(a.Accepts(state.A), state.B != Dead && b.Accepts(state.B)))]);
    }

    /// <summary>States from which an end can be reached; the start always counts.</summary>
    private static bool[] LiveStates(IReadOnlyList<int[]> rows, IReadOnlyList<bool> accepts)
    {
        var into = new List<int>[rows.Count];
        for (var from = 0; from < rows.Count; from++)
            foreach (var to in rows[from].Distinct())
                if (to != Dead) (into[to] ??= []).Add(from);
        var live = new bool[rows.Count];
        var open = new Stack<int>(Enumerable.Range(0, rows.Count).Where(state => accepts[state]));
        while (open.TryPop(out var state))
        {
            if (live[state]) continue;
            live[state] = true;
            foreach (var from in into[state] ?? []) open.Push(from);
        }
        live[0] = true;
        return live;
    }

    private static (int[] Number, int[] Order) Renumbered(bool[] live)
    {
        var number = new int[live.Length];
        var order = new List<int>();
        for (var state = 0; state < live.Length; state++)
        {
            number[state] = live[state] ? order.Count : Dead;
            if (live[state]) order.Add(state);
        }
        return (number, [.. order]);
    }

    private static (byte[] Columns, int Count) Columns(int[][] next)
    {
        var columns = new int[256];
        var count = 1;
        foreach (var row in next)
        {
            var split = new Dictionary<(int Column, int To), int>();
            var fresh = 0;
            for (var value = 0; value < 256; value++)
                if (split.TryAdd((columns[value], row[value]), fresh)) fresh++;
            if (fresh == count) continue;
            count = fresh;
            for (var value = 0; value < 256; value++) columns[value] = split[(columns[value], row[value])];
        }
        return (Array.ConvertAll(columns, column => (byte)column), count);
    }
}
