using System.Runtime.CompilerServices;

namespace Splitwiser.Actors.Tests;

/// <summary>A grain that takes one call at a time, and streams.</summary>
[Alias("tests.IStreamGrain")]
public interface IStreamGrain : IGrainWithStringKey
{
    /// <summary>0, 1, ... at once; <paramref name="pauseEvery"/> lets others run every so many items, 0 for never.</summary>
    [Alias("Count")]
    IAsyncEnumerable<int> Count(int count, int pauseEvery, CancellationToken token = default);

    /// <summary>Counts on until its token ends it; then signals "name cancelled" and "name out".</summary>
    [Alias("Endless")]
    IAsyncEnumerable<int> Endless(string name, CancellationToken token = default);

    /// <summary>One item, then one after each of "name 1", "name 2", ... up to <paramref name="count"/>.</summary>
    [Alias("Signalled")]
    IAsyncEnumerable<int> Signalled(string name, int count, CancellationToken token = default);

    /// <summary>So many items, then a <see cref="ProbeException"/>.</summary>
    [Alias("Failing")]
    IAsyncEnumerable<int> Failing(int items, CancellationToken token = default);

    [Alias("Bags")]
    IAsyncEnumerable<Bag> Bags(Bag bag, CancellationToken token = default);

    /// <summary>Items that streams of this grain made so far.</summary>
    [Alias("Made")]
    Task<int> Made(CancellationToken token = default);

    [Alias("Leave")]
    Task Leave(CancellationToken token = default);

    [Alias("Hold")]
    Task Hold(string name, CancellationToken token = default);
}

public sealed class StreamGrain : Grain, IStreamGrain
{
    private int made;

    public async IAsyncEnumerable<int> Count(int count, int pauseEvery, [EnumeratorCancellation] CancellationToken token)
    {
        for (var i = 0; i < count; i++)
        {
            if (pauseEvery > 0 && i % pauseEvery == 0) await Task.Yield();
            made++;
            yield return i;
        }
    }

    public async IAsyncEnumerable<int> Endless(string name, [EnumeratorCancellation] CancellationToken token)
    {
        try
        {
            for (var i = 0; ; i++)
            {
                token.ThrowIfCancellationRequested();
                if (i % 5 == 0) await Task.Yield();
                yield return i;
            }
        }
        finally
        {
            if (token.IsCancellationRequested) Signals.Set($"{name} cancelled");
            Signals.Set($"{name} out");
        }
    }

    public async IAsyncEnumerable<int> Signalled(string name, int count, [EnumeratorCancellation] CancellationToken token)
    {
        try
        {
            Signals.Set($"{name} in");
            yield return 0;
            for (var i = 1; i < count; i++)
            {
                await Signals.Wait($"{name} {i}", token);
                yield return i;
            }
        }
        finally
        {
            if (token.IsCancellationRequested) Signals.Set($"{name} cancelled");
            Signals.Set($"{name} out");
        }
    }

    public async IAsyncEnumerable<int> Failing(int items, [EnumeratorCancellation] CancellationToken token)
    {
        for (var i = 0; i < items; i++) yield return i;
        await Task.Yield();
        throw new ProbeException(items, "after the items");
    }

    public async IAsyncEnumerable<Bag> Bags(Bag bag, [EnumeratorCancellation] CancellationToken token)
    {
        for (var i = 0; i < 3; i++)
        {
            bag.Numbers.Add(i);
            yield return bag;
            await Task.Yield();
        }
    }

    public Task<int> Made(CancellationToken token) => Task.FromResult(made);

    public Task Leave(CancellationToken token)
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task Hold(string name, CancellationToken token)
    {
        Signals.Set($"{name} in");
        await Signals.Wait($"{name} go", token);
    }
}
