namespace Splitwiser.Actors.Tests;

[Alias("tests.IGuidGrain")]
public interface IGuidGrain : IGrainWithGuidKey
{
    [Alias("Key")]
    Task<Guid> Key(CancellationToken token = default);
}

public sealed class GuidGrain : Grain, IGuidGrain
{
    public Task<Guid> Key(CancellationToken token) => Task.FromResult(this.GetPrimaryKey());
}

[Alias("tests.INumberGrain")]
public interface INumberGrain : IGrainWithIntegerKey
{
    [Alias("Key")]
    Task<long> Key(CancellationToken token = default);
}

public sealed class NumberGrain : Grain, INumberGrain
{
    public Task<long> Key(CancellationToken token) => Task.FromResult(this.GetPrimaryKeyLong());
}

/// <summary>Fails to activate until "key may live".</summary>
[Alias("tests.IStillbornGrain")]
public interface IStillbornGrain : IGrainWithStringKey
{
    [Alias("Key")]
    Task<string> Key(CancellationToken token = default);
}

public sealed class StillbornGrain : Grain, IStillbornGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken) =>
        Signals.IsSet($"{this.GetPrimaryKeyString()} may live") ? Task.CompletedTask : throw new ProbeException(3, "not yet");

    public Task<string> Key(CancellationToken token) => Task.FromResult(this.GetPrimaryKeyString());
}

[Alias("tests.IShortLivedGrain")]
public interface IShortLivedGrain : IGrainWithStringKey
{
    [Alias("Call")]
    Task Call(CancellationToken token = default);
}

[CollectionAgeLimit("00:00:02")]
public sealed class ShortLivedGrain : Grain, IShortLivedGrain
{
    public Task Call(CancellationToken token) => Task.CompletedTask;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Set($"{this.GetPrimaryKeyString()} deactivated");
        return Task.CompletedTask;
    }
}
