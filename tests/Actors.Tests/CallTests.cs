using Orleans.TestingHost;

namespace Splitwiser.Actors.Tests;

public sealed class CallTests(PatientCluster shared)
{
    private readonly TestCluster cluster = shared.Cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_goes_to_a_grain_and_comes_back()
    {
        var note = new Note(1, "one", new(0.5, null));
        (await cluster.Client.GetGrain<IValueGrain>("echo").Echo(note, Token)).ShouldBe(note);
    }

    [Fact]
    public async Task A_grain_knows_its_guid_and_its_number()
    {
        var guid = Guid.NewGuid();
        (await cluster.Client.GetGrain<IGuidGrain>(guid).Key(Token)).ShouldBe(guid);
        foreach (var number in (long[])[0, 17, -1, long.MinValue, long.MaxValue])
            (await cluster.Client.GetGrain<INumberGrain>(number).Key(Token)).ShouldBe(number);
    }

    [Fact]
    public void A_reference_knows_its_key()
    {
        var guid = Guid.NewGuid();
        cluster.Client.GetGrain<IGuidGrain>(guid).GetPrimaryKey().ShouldBe(guid);
        cluster.Client.GetGrain<INumberGrain>(-5).GetPrimaryKeyLong().ShouldBe(-5);
        cluster.Client.GetGrain<IValueGrain>("a/b c").GetPrimaryKeyString().ShouldBe("a/b c");
    }

    [Fact]
    public async Task Two_references_with_one_key_reach_one_activation()
    {
        var first = await cluster.Client.GetGrain<IProbeGrain>("same").Incarnation(Token);
        (await cluster.Client.GetGrain<IProbeGrain>("same").Incarnation(Token)).ShouldBe(first);
        (await cluster.Client.GetGrain<IProbeGrain>("other").Incarnation(Token)).ShouldNotBe(first);
    }

    [Fact]
    public async Task Concurrent_first_calls_make_one_activation()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => cluster.Client.GetGrain<IProbeGrain>("rush").Incarnation(Token)));
        answers.Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_grain_is_activated_before_its_first_call()
    {
        await cluster.Client.GetGrain<IProbeGrain>("woken").Nothing(Token);
        Signals.IsSet("woken activated").ShouldBeTrue();
    }

    [Fact]
    public async Task Async_locals_stay_with_the_caller()
    {
        Probe.Local.Value = "mine";
        (await cluster.Client.GetGrain<IProbeGrain>("ambient").Ambient(Token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_failed_activation_fails_its_calls_and_the_next_call_tries_anew()
    {
        var grain = cluster.Client.GetGrain<IStillbornGrain>("stillborn");
        (await Should.ThrowAsync<ProbeException>(() => grain.Key(Token))).Code.ShouldBe(3);
        Signals.Set("stillborn may live");
        (await grain.Key(Token)).ShouldBe("stillborn");
    }

    [Fact]
    public async Task A_silo_calls_grains_through_its_own_services()
    {
        var factory = (IGrainFactory)cluster.GetSiloServiceProvider(cluster.Silos[1].SiloAddress).GetService(typeof(IGrainFactory))!;
        (await factory.GetGrain<IValueGrain>("from a silo").Echo(new(2, "two", default), Token)).Number.ShouldBe(2);
        var client = (IClusterClient)((InProcessSiloHandle)cluster.Silos[0]).SiloHost.Services.GetService(typeof(IClusterClient))!;
        (await client.GetGrain<INumberGrain>(9).Key(Token)).ShouldBe(9);
    }

    [Fact]
    public void An_interface_without_a_grain_has_no_references() =>
        Should.Throw<ArgumentException>(() => cluster.Client.GetGrain<IOrphanGrain>("nobody"));
}

/// <summary>No class implements it.</summary>
[Alias("tests.IOrphanGrain")]
public interface IOrphanGrain : IGrainWithStringKey
{
    [Alias("Call")]
    Task Call(CancellationToken token = default);
}
