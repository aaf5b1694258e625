namespace Splitwiser.Models.Grammar;

/// <summary>
/// A pushdown automaton over bytes, made deterministic as it is used: states are the sets of readings that turn up, kept and found again.
/// What it keeps is bounded: past <see cref="GrammarLimits.CacheBytes"/> it forgets, and states still in use live on by themselves. Thread-safe.
/// </summary>
internal sealed class GrammarAutomaton
{
    private readonly object gate = new();
    private readonly GrammarNode root;
    private Dictionary<StateKey, GrammarState> states = [];
    private Closure closure = new([]);
    private GrammarState? start;
    private long bytes;

    public GrammarAutomaton(GrammarNode root) => this.root = root;

    public GrammarState Start
    {
        get
        {
            lock (gate)
            {
                if (start is not null) return start;
                closure.Begin();
                closure.Enter(root, null, 0);
                return start = Interned();
            }
        }
    }

    /// <summary>Where a byte leads; <see cref="GrammarState.Dead"/> for nowhere.</summary>
    public GrammarState Next(GrammarState state, byte value)
    {
        if (state.Known(value) is { } known) return known;
        lock (gate)
        {
            closure.Begin();
            foreach (var reading in state.Readings)
                if (reading.Matcher.Next(reading.State, value) is >= 0 and var to) closure.Match(reading.Matcher, to, reading.Then);
            var next = Interned();
            if (state.Learn(value, next)) Charge(2100);
            return next;
        }
    }

    /// <summary>Where a special token leads.</summary>
    public GrammarState NextToken(GrammarState state, int token)
    {
        lock (gate)
        {
            closure.Begin();
            foreach (var expected in state.Tokens)
                if (expected.Id == token) closure.Resume(expected.Then);
            return Interned();
        }
    }

    /// <summary>Counts memory that a state of it has taken.</summary>
    public void Charge(long size)
    {
        lock (gate)
        {
            if ((bytes += size) <= GrammarLimits.CacheBytes) return;
            (states, closure, start, bytes) = ([], new Closure([]), null, 0);
        }
    }

    private GrammarState Interned()
    {
        if (closure.Readings.Count == 0 && closure.Tokens.Count == 0 && !closure.MayEnd) return GrammarState.Dead;
        var key = new StateKey(
            [.. closure.Readings.OrderBy(reading => reading.Matcher.Number).ThenBy(reading => reading.State).ThenBy(reading => reading.Then?.Number ?? -1)],
            [.. closure.Tokens.OrderBy(token => token.Id).ThenBy(token => token.Then?.Number ?? -1)],
            closure.MayEnd);
        if (states.TryGetValue(key, out var state)) return state;
        states.Add(key, state = new GrammarState(key.Readings, key.Tokens, key.MayEnd, closure.Steps));
        Charge(200 + 24 * key.Readings.Length + 16 * key.Tokens.Length + 100 * closure.TakeNewFrames());
        return state;
    }

    private readonly struct StateKey(Reading[] readings, ExpectedToken[] tokens, bool mayEnd) : IEquatable<StateKey>
    {
        public Reading[] Readings { get; } = readings;

        public ExpectedToken[] Tokens { get; } = tokens;

        public bool MayEnd { get; } = mayEnd;

        public bool Equals(StateKey other) =>
            MayEnd == other.MayEnd && Readings.AsSpan().SequenceEqual(other.Readings) && Tokens.AsSpan().SequenceEqual(other.Tokens);

        public override bool Equals(object? obj) => obj is StateKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (var reading in Readings) hash.Add(HashCode.Combine(reading.Matcher.Number, reading.State, reading.Then?.Number));
            foreach (var token in Tokens) hash.Add(token.Id);
            return hash.ToHashCode();
        }
    }
}
