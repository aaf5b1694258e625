namespace Splitwiser.Actors.Tests;

[GenerateSerializer, Immutable, Alias("tests.note")]
public sealed record Note([property: Id(0)] int Number, [property: Id(1)] string Text);

[Alias("tests.echo")]
public interface IEchoGrain : IGrainWithStringKey
{
    [Alias("Echo")]
    Task<Note> Echo(Note note, CancellationToken token = default);

    [Alias("Count")]
    IAsyncEnumerable<int> Count(int to, CancellationToken token = default);
}

public sealed class EchoGrain : Grain, IEchoGrain
{
    public Task<Note> Echo(Note note, CancellationToken token) => Task.FromResult(note);

    public async IAsyncEnumerable<int> Count(int to, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
    {
        for (var i = 0; i < to; i++)
        {
            if (i % 10 == 0) await Task.Yield();
            yield return i;
        }
    }
}
