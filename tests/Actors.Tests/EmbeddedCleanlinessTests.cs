using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Orleans.TestingHost;

namespace Splitwiser.Actors.Tests;

/// <summary>What a cluster leaves behind in its process: nothing. Apart from the other tests, as it looks at all of the process.</summary>
[Collection(nameof(Alone))]
public sealed class EmbeddedCleanlinessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_holds_a_cluster_that_was_disposed()
    {
        var services = await UseAndDispose();
        await Eventually.Is(() =>
        {
            GC.Collect();
            return Task.FromResult(services.All(service => !service.IsAlive));
        });
    }

    [Fact]
    public async Task Nothing_that_fails_goes_unobserved()
    {
        CollectGarbage();
        var unobserved = new ConcurrentQueue<Exception>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs e) => unobserved.Enqueue(e.Exception);
        TaskScheduler.UnobservedTaskException += Note;
        await FailInEveryWay();
        CollectGarbage();
        TaskScheduler.UnobservedTaskException -= Note;
        unobserved.ShouldBeEmpty();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<List<WeakReference>> UseAndDispose()
    {
        var cluster = Clusters.Impatient();
        await cluster.DeployAsync();
        var grain = cluster.Client.GetGrain<IProbeGrain>("held by nobody");
        await grain.Add(1, Token);
        await using (var items = cluster.Client.GetGrain<IStreamGrain>("held by nobody").Signalled("held by nobody", 5, Token).GetAsyncEnumerator(Token)) await items.MoveNextAsync();
        List<WeakReference> services = [.. cluster.Silos.Select(silo => new WeakReference(cluster.GetSiloServiceProvider(silo.SiloAddress))), new(cluster.Client)];
        await cluster.KillSiloAsync(cluster.Silos[1]);
        await cluster.DisposeAsync();
        return services;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task FailInEveryWay()
    {
        await using var cluster = Clusters.Impatient();
        await cluster.DeployAsync();
        var values = cluster.Client.GetGrain<IValueGrain>("fails");
        await Should.ThrowAsync<ProbeException>(() => values.Throw("typed", Token));
        await Should.ThrowAsync<ProbeException>(() => cluster.Client.GetGrain<IStillbornGrain>("never lives").Key(Token));
        await Should.ThrowAsync<NoSuchSiloException>(() => cluster.Client.GetGrain<IPinnedGrain>("Nowhere/0").Silo(Token));
        await Should.ThrowAsync<TimeoutException>(() => cluster.Client.GetGrain<IProbeGrain>("times out").Hold("times out", Token));
        await CancelACall(cluster);
        await LeaveAFailingStream(cluster);
        var pending = cluster.Client.GetGrain<IPinnedGrain>("Primary/0").HoldAt("Secondary_1/0", "unobserved", Token);
        await Signals.Wait("unobserved in", Token);
        await cluster.KillSiloAsync(cluster.Silos[1]);
        (await pending).ShouldNotBeNull();
        Signals.Set("unobserved go"); // the killed silo's code goes on, and nobody hears it
    }

    private static async Task CancelACall(TestCluster cluster)
    {
        using var cancel = new CancellationTokenSource();
        var call = cluster.Client.GetGrain<IProbeGrain>("is cancelled").Hold("is cancelled", cancel.Token);
        await Signals.Wait("is cancelled in", Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await Signals.Wait("is cancelled out", Token);
    }

    private static async Task LeaveAFailingStream(TestCluster cluster)
    {
        await using var items = cluster.Client.GetGrain<IStreamGrain>("left failing").Failing(1, Token).GetAsyncEnumerator(Token);
        await items.MoveNextAsync();
    }

    private static void CollectGarbage()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}

[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
