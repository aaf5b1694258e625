namespace Splitwiser.Actors.Tests;

/// <summary>Keeps values, gives them back, and throws.</summary>
[Alias("tests.IValueGrain")]
public interface IValueGrain : IGrainWithStringKey
{
    [Alias("Echo")]
    Task<Note> Echo(Note note, CancellationToken token = default);

    [Alias("Keep")]
    Task Keep(Bag bag, CancellationToken token = default);

    /// <summary>Adds a number to the bag that is kept, and gives that bag.</summary>
    [Alias("Grow")]
    Task<Bag> Grow(int number, CancellationToken token = default);

    /// <summary>Whether two arguments are one object here.</summary>
    [Alias("HasTwin")]
    Task<bool> HasTwin(Bag bag, CancellationToken token = default);

    [Alias("Throw")]
    Task Throw(string kind, CancellationToken token = default);
}

public sealed class ValueGrain : Grain, IValueGrain
{
    private Bag kept = new();

    public Task<Note> Echo(Note note, CancellationToken token) => Task.FromResult(note);

    public Task Keep(Bag bag, CancellationToken token)
    {
        kept = bag;
        return Task.CompletedTask;
    }

    public Task<Bag> Grow(int number, CancellationToken token)
    {
        kept.Numbers.Add(number);
        return Task.FromResult(kept);
    }

    public Task<bool> HasTwin(Bag bag, CancellationToken token) => Task.FromResult(ReferenceEquals(bag.Twin, bag));

    public Task Throw(string kind, CancellationToken token) => throw (kind switch
    {
        "typed" => new ProbeException(7, "typed") { Unmarked = "there" },
        "typed with a cause" => new ProbeException(8, "outer", new ProbeException(9, "inner")),
        "foreign" => new ForeignException("foreign"),
        "typed with a foreign cause" => new ProbeException(10, "outer", new ForeignException("inner")),
        "argument" => new ArgumentOutOfRangeException("number", "too large"),
        _ => new InvalidOperationException(kind),
    });
}
