namespace Splitwiser.Actors.Tests;

public sealed class ExceptionTests(PatientCluster shared)
{
    private readonly IGrainFactory grains = shared.Cluster.Client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_exception_keeps_its_type_its_text_and_its_members_with_an_id()
    {
        var error = await Should.ThrowAsync<ProbeException>(() => Throw("typed"));
        error.Code.ShouldBe(7);
        error.Message.ShouldBe("typed");
        error.Unmarked.ShouldNotBe("there");
    }

    [Fact]
    public async Task A_cause_that_crosses_calls_comes_with_its_exception()
    {
        var error = await Should.ThrowAsync<ProbeException>(() => Throw("typed with a cause"));
        error.InnerException.ShouldBeOfType<ProbeException>().Code.ShouldBe(9);
    }

    [Fact]
    public async Task A_trace_tells_where_in_the_grain_it_was()
    {
        var error = await Should.ThrowAsync<ProbeException>(() => Throw("typed"));
        error.StackTrace.ShouldNotBeNull().ShouldContain(nameof(ValueGrain));
    }

    [Theory]
    [InlineData("foreign")]
    [InlineData("typed with a foreign cause")]
    public async Task An_exception_that_the_wire_does_not_know_arrives_as_another(string kind)
    {
        var error = await Record.ExceptionAsync(() => Throw(kind));
        error.ShouldNotBeNull().ShouldNotBeOfType<ForeignException>();
        error.ShouldNotBeOfType<ProbeException>();
    }

    [Fact]
    public async Task The_frameworks_exceptions_keep_their_types()
    {
        await Should.ThrowAsync<InvalidOperationException>(() => Throw("invalid"));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => Throw("argument"));
    }

    [Fact]
    public async Task A_grain_goes_on_after_an_exception()
    {
        var grain = grains.GetGrain<IValueGrain>("goes on");
        await Should.ThrowAsync<ProbeException>(() => grain.Throw("typed", Token));
        (await grain.Echo(new(1, "", default), Token)).Number.ShouldBe(1);
    }

    private Task Throw(string kind) => grains.GetGrain<IValueGrain>("throws").Throw(kind, Token);
}
