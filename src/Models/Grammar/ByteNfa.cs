using System.Runtime.InteropServices;

namespace Splitwiser.Models.Grammar;

/// <summary>An automaton over bytes as it is put together, edge by edge; <see cref="ToDfa"/> makes it deterministic by the subset construction.</summary>
internal sealed class ByteNfa
{
    private readonly List<List<Edge>> edges = [];
    private readonly List<List<int>> empty = [];
    private readonly HashSet<int> ends = [];

    // of Close
    private readonly Stack<int> open = [];
    private readonly List<int> reached = [];
    private int[] seen = [];        // (states) the round in which it was reached last
    private int round;
    private long work;

    public ByteNfa() => Start = AddState();

    public int Start { get; }

    public int AddState()
    {
        RequireStates(edges.Count / (GrammarLimits.NfaStates / GrammarLimits.DfaStates));
        edges.Add([]);
        empty.Add([]);
        return edges.Count - 1;
    }

    public void AddEdge(int from, byte first, byte last, int to) => edges[from].Add(new Edge(first, last, to));

    public void AddEmpty(int from, int to) => empty[from].Add(to);

    public void AddEnd(int state) => ends.Add(state);

    /// <summary>A way of these bytes between two states.</summary>
    public void AddLiteral(int from, ReadOnlySpan<byte> text, int to)
    {
        if (text.IsEmpty) AddEmpty(from, to);
        for (var i = 0; i < text.Length; i++)
        {
            var next = i == text.Length - 1 ? to : AddState();
            AddEdge(from, text[i], text[i], next);
            from = next;
        }
    }

    /// <exception cref="GrammarException">There are more states than a terminal may have.</exception>
    public static void RequireStates(int count)
    {
        if (count >= GrammarLimits.DfaStates) throw new GrammarException("", null, $"a pattern, range or list of values is too large: it needs more than {GrammarLimits.DfaStates} states");
    }

    /// <exception cref="GrammarException">It needs more states than a terminal may have.</exception>
    public ByteDfa ToDfa()
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var sets = new List<int[]>();
        var rows = new List<int[]>();
        var row = new int[256];
        NumberOf([Start], numbers, sets);
        for (var i = 0; i < sets.Count; i++)
        {
            Fill(row, sets[i], numbers, sets);
            rows.Add([.. row]);
        }
        return ByteDfa.Of(rows, [.. sets.Select(set => set.Any(ends.Contains))]);
    }

    private void Fill(int[] row, int[] set, Dictionary<string, int> numbers, List<int[]> sets)
    {
        var leaving = set.SelectMany(state => edges[state]).ToArray();
        var cuts = new SortedSet<int> { 0, 256 };
        foreach (var edge in leaving)
        {
            cuts.Add(edge.First);
            cuts.Add(edge.Last + 1);
        }
        var from = 0;
        foreach (var cut in cuts.Skip(1))
        {
            int[] targets = [.. leaving.Where(edge => edge.First <= from && from <= edge.Last).Select(edge => edge.To)];
            row.AsSpan(from, cut - from).Fill(targets.Length == 0 ? ByteMatcher.Dead : NumberOf(targets, numbers, sets));
            from = cut;
        }
    }

    private int NumberOf(int[] states, Dictionary<string, int> numbers, List<int[]> sets)
    {
        var set = Close(states);
        var key = new string(MemoryMarshal.Cast<int, char>(set.AsSpan()));
        if (numbers.TryGetValue(key, out var number)) return number;
        numbers.Add(key, number = sets.Count);
        sets.Add(set);
        RequireStates(sets.Count);
        return number;
    }

    /// <summary>All that can be reached without a byte, as far as it can go on or end, in order.</summary>
    private int[] Close(int[] states)
    {
        if (seen.Length < edges.Count) seen = new int[edges.Count];
        round++;
        reached.Clear();
        var visited = 0;
        foreach (var state in states) open.Push(state);
        while (open.TryPop(out var state))
        {
            if (seen[state] == round) continue;
            seen[state] = round;
            visited++;
            if (edges[state].Count > 0 || ends.Contains(state)) reached.Add(state);
            foreach (var to in empty[state]) open.Push(to);
        }
        if ((work += visited) > GrammarLimits.NfaWork) throw new GrammarException("", null, "a pattern is too large: too many of its parts can match at the same place");
        reached.Sort();
        return [.. reached];
    }

    private readonly record struct Edge(byte First, byte Last, int To);
}
