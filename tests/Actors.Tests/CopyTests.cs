namespace Splitwiser.Actors.Tests;

public sealed class CopyTests(PatientCluster shared)
{
    private readonly IGrainFactory grains = shared.Cluster.Client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_caller_changes_after_the_call_the_grain_does_not_see()
    {
        var grain = grains.GetGrain<IValueGrain>("argument");
        var bag = new Bag { Numbers = [1], Fixed = [5], Parts = { ["part"] = new() { Numbers = [2] } } };
        await grain.Keep(bag, Token);
        bag.Numbers.Add(99);
        bag.Fixed[0] = 99;
        bag.Parts["part"].Numbers.Add(99);
        var kept = await grain.Grow(3, Token);
        kept.Numbers.ShouldBe([1, 3]);
        kept.Fixed.ShouldBe([5]);
        kept.Parts["part"].Numbers.ShouldBe([2]);
    }

    [Fact]
    public async Task What_the_grain_changes_after_its_answer_the_caller_does_not_see()
    {
        var grain = grains.GetGrain<IValueGrain>("result");
        var first = await grain.Grow(1, Token);
        await grain.Grow(2, Token);
        first.Numbers.ShouldBe([1]);
    }

    [Fact]
    public async Task Each_item_of_a_stream_is_a_copy()
    {
        var bags = new List<Bag>();
        await foreach (var bag in grains.GetGrain<IStreamGrain>("bags").Bags(new(), Token)) bags.Add(bag);
        bags.Select(bag => bag.Numbers.Count).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_member_without_an_id_stays_behind()
    {
        var grain = grains.GetGrain<IValueGrain>("unmarked");
        await grain.Keep(new() { Numbers = [1], Unmarked = "left" }, Token);
        (await grain.Grow(2, Token)).Unmarked.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_object_that_is_sent_twice_arrives_as_one()
    {
        var bag = new Bag();
        bag.Twin = bag;
        (await grains.GetGrain<IValueGrain>("twin").HasTwin(bag, Token)).ShouldBeTrue();
    }
}
