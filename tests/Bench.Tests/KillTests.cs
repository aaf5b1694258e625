using System.Runtime.CompilerServices;
using Splitwiser.Bench.Kill;

namespace Splitwiser.Bench.Tests;

public sealed class KillTests
{
    private static readonly KillPlan Plan = new("demo", "Redis", Silos: 3, Streams: 2, Repetitions: 2, TimeSpan.FromSeconds(3));
    private static readonly KillRound Well = new("silo1", 0.5, Open: 2, OnVictim: 1, Exact: 2, WorstGap: 1.5, MedianGap: 0.2, LeakedPages: 0, Seconds: 4, Stall: 0.1, null);

    [Fact]
    public async Task A_stream_is_recorded_with_its_ids_text_device_and_worst_gap()
    {
        var clock = new Clock();
        var record = await StreamRecord.Of(Chunks(clock), new Odometer(1, 99), clock);
        record.Ids.ShouldBe([1, 2, 3, 4]);
        record.Text.ShouldBe("abcd");
        record.Device.ShouldBe("silo1/0");
        record.WorstGap.ShouldBe(TimeSpan.FromSeconds(2));
        record.Error.ShouldBeNull();
    }

    [Fact]
    public async Task A_stream_that_is_lost_is_recorded_with_the_reason_and_is_as_no_other()
    {
        var clock = new Clock();
        var record = await StreamRecord.Of(Lost(), new Odometer(1, 99), clock);
        record.Error.ShouldBe("gone");
        record.IsAs(record).ShouldBeFalse();
    }

    [Fact]
    public void Streams_are_the_same_by_their_ids_and_their_text()
    {
        StreamRecord record = new("silo1/0", [1, 2], "ab", default, null);
        record.IsAs(record with { Device = "silo2/0", WorstGap = TimeSpan.FromSeconds(1) }).ShouldBeTrue();
        record.IsAs(record with { Ids = [1, 3] }).ShouldBeFalse();
        record.IsAs(record with { Text = "ac" }).ShouldBeFalse();
    }

    [Fact]
    public void The_odometer_stops_waiting_at_its_mark_and_when_all_streams_have_ended()
    {
        var marked = new Odometer(streams: 2, mark: 5);
        marked.Add(4);
        marked.Reached.IsCompleted.ShouldBeFalse();
        marked.Add(1);
        marked.Reached.IsCompletedSuccessfully.ShouldBeTrue();

        var ended = new Odometer(streams: 2, mark: 5);
        ended.Ended();
        ended.Open.ShouldBe(1);
        ended.Reached.IsCompleted.ShouldBeFalse();
        ended.Ended();
        ended.Reached.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void The_first_silo_of_a_cluster_on_localhost_is_not_killed()
    {
        Plan.FirstVictim.ShouldBe(0);
        (Plan with { Provider = "Localhost" }).FirstVictim.ShouldBe(1);
    }

    [Theory]
    [InlineData("all is well", 2, 0, 1.5, 0.1, true)]
    [InlineData("a stream differs", 1, 0, 1.5, 0.1, false)]
    [InlineData("a page is leaked", 2, 1, 1.5, 0.1, false)]
    [InlineData("a gap is too long", 2, 0, 3.1, 0.1, false)]
    [InlineData("a gap is too long where the machine stood still", 2, 0, 3.1, 1.9, true)]
    public void What_was_promised_holds_when_it_holds_in_every_round(string why, int exact, int leaked, double gap, double stall, bool holds) =>
        new KillReport(Plan, [0.1, 0.1], [Well, Well with { Exact = exact, LeakedPages = leaked, WorstGap = gap, Stall = stall }], []).Holds.ShouldBe(holds, why);

    [Fact]
    public void A_machine_that_stood_still_is_noticed()
    {
        var clock = new Clock { Step = TimeSpan.FromSeconds(1) };
        using var watch = new StallWatch(clock);
        var longest = TimeSpan.Zero;
        SpinWait.SpinUntil(() => (longest = watch.Longest()) > TimeSpan.Zero);
        longest.ShouldBe(TimeSpan.FromSeconds(0.99));
    }

    private static async IAsyncEnumerable<TokenChunk> Chunks(Clock clock)
    {
        yield return new() { FirstIndex = 0, Ids = [1], Text = "a", Start = new([], 0, "silo1/0", 0) };
        await Task.Yield();
        clock.Now += TimeSpan.FromSeconds(2);
        yield return new() { FirstIndex = 1, Ids = [2, 3], Text = "bc" };
        clock.Now += TimeSpan.FromSeconds(1);
        yield return new() { FirstIndex = 3, Ids = [4], Text = "d" };
    }

    private static async IAsyncEnumerable<TokenChunk> Lost([EnumeratorCancellation] CancellationToken ct = default)
    {
        await Task.Yield();
        ct.ThrowIfCancellationRequested();
        yield return new() { FirstIndex = 0, Ids = [1], Text = "a", Start = new([], 0, "silo1/0", 0) };
        throw new RequestLostException(LossReason.DevicesLost, "gone");
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);

        /// <summary>That it goes on each time that it is read.</summary>
        public TimeSpan Step { get; init; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => (Now += Step).Ticks;
    }
}
