using Orleans.Concurrency;

namespace Splitwiser.Actors.Tests;

public abstract class Probe(ILocalSiloDetails silo) : Grain
{
    public static readonly AsyncLocal<string?> Local = new();
    private readonly Guid incarnation = Guid.NewGuid();
    private int sum;
    private int inside; // turns that run now
    private string order = "";

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Signals.Set($"{this.GetPrimaryKeyString()} activated");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Set($"{this.GetPrimaryKeyString()} deactivated {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task<Guid> Incarnation(CancellationToken token) => Task.FromResult(incarnation);

    public Task<string> Silo(CancellationToken token) => Task.FromResult(silo.Name);

    public async Task<string> Hold(string name, CancellationToken token)
    {
        Signals.Set($"{name} in");
        try
        {
            await Signals.Wait($"{name} go", token);
            return name;
        }
        catch (OperationCanceledException)
        {
            Signals.Set($"{name} cancelled");
            throw;
        }
        finally
        {
            Signals.Set($"{name} out");
        }
    }

    public async Task<int> Add(int number, CancellationToken token)
    {
        Turn();
        var read = sum;
        await Task.Yield();
        Turn();
        return sum = read + number;
    }

    public Task<int> Peek(CancellationToken token) => Task.FromResult(sum);

    public async Task<string> Order(string letter, CancellationToken token)
    {
        await Task.Yield();
        return order += letter;
    }

    public ValueTask<string?> Ambient(CancellationToken token) => new(Local.Value);

    public ValueTask Nothing(CancellationToken token) => ValueTask.CompletedTask;

    public Task Hang(string name, CancellationToken token) => Hold(name, token);

    public Task<string> HoldThrough(string key, string name, CancellationToken token) =>
        GrainFactory.GetGrain<IProbeGrain>(key).Hold(name, token);

    public async Task<Guid> Roundabout(string key, CancellationToken token) =>
        await GrainFactory.GetGrain<IBackGrain>(key).AskBack(this.GetPrimaryKeyString(), token);

    public Task Leave(CancellationToken token)
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<Guid> LeaveSlowly(string name, CancellationToken token)
    {
        DeactivateOnIdle();
        await Hold(name, token);
        return incarnation;
    }

    /// <summary>Code between two awaits: no other code of this grain runs now.</summary>
    private void Turn()
    {
        if (Interlocked.Increment(ref inside) != 1) throw new InvalidOperationException("Two turns at a time.");
        Thread.SpinWait(100);
        Interlocked.Decrement(ref inside);
    }
}

public sealed class ProbeGrain(ILocalSiloDetails silo) : Probe(silo), IProbeGrain;

[Reentrant]
public sealed class ReentrantProbeGrain(ILocalSiloDetails silo) : Probe(silo), IReentrantProbeGrain;

/// <summary>Asks the one who asked.</summary>
[Alias("tests.IBackGrain")]
public interface IBackGrain : IGrainWithStringKey
{
    [Alias("AskBack")]
    Task<Guid> AskBack(string key, CancellationToken token = default);
}

public sealed class BackGrain : Grain, IBackGrain
{
    public Task<Guid> AskBack(string key, CancellationToken token) =>
        GrainFactory.GetGrain<IProbeGrain>(key).Incarnation(token);
}
