using Splitwiser.Gpu;
using Splitwiser.Gpu.Cpu;

namespace Splitwiser.Device.Tests.Cpu;

public sealed class ThreadTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Every_part_of_every_kernel_runs_once(int threads)
    {
        using var team = new ThreadTeam(threads);
        foreach (var parts in new[] { 0, 1, 2, 3, 1000 }.Concat(Enumerable.Repeat(5, 300)))
        {
            var counts = new int[parts];
            team.Run(Lane.Decode, new Count(counts));
            counts.ShouldAllBe(count => count == 1);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public async Task Both_lanes_run_side_by_side_and_workers_come_back_from_the_bench(int threads)
    {
        using var team = new ThreadTeam(threads);
        var prefill = Task.Run(() => Steps(team, Lane.Prefill, 200), TestContext.Current.CancellationToken);
        Steps(team, Lane.Decode, 400);
        await prefill;
        Steps(team, Lane.Decode, 20);

        static void Steps(ThreadTeam team, Lane lane, int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                team.Enter();
                for (var kernel = 0; kernel < 5; kernel++)
                {
                    var counts = new int[17];
                    team.Run(lane, new Count(counts));
                    counts.ShouldAllBe(count => count == 1);
                }
                team.Leave();
            }
        }
    }

    [Fact]
    public void Workers_that_fell_asleep_wake_for_the_next_kernel()
    {
        using var team = new ThreadTeam(3);
        using var all = new Barrier(3);
        for (var round = 0; round < 3; round++)
        {
            using var alone = new ManualResetEventSlim();
            alone.Wait(TimeSpan.FromMilliseconds(5), TestContext.Current.CancellationToken).ShouldBeFalse();     // longer than they spin
            team.Run(Lane.Prefill, new Meet(all));      // ends only if three threads are in it at once
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_part_that_throws_is_a_device_fault_and_the_others_still_run(int threads)
    {
        using var team = new ThreadTeam(threads);
        var counts = new int[50];
        var fault = Should.Throw<DeviceFaultException>(() => team.Run(Lane.Decode, new Throw(counts, 20)));
        fault.InnerException.ShouldBeOfType<InvalidOperationException>();
        counts.ShouldAllBe(count => count == 1);
        team.Run(Lane.Decode, new Count(counts));
        counts.ShouldAllBe(count => count == 2);
    }

    private readonly struct Count(int[] counts) : IKernel
    {
        public int Parts => counts.Length;

        public void Part(int index) => Interlocked.Increment(ref counts[index]);
    }

    private readonly struct Meet(Barrier barrier) : IKernel
    {
        public int Parts => barrier.ParticipantCount;

        public void Part(int index) => barrier.SignalAndWait();
    }

    private readonly struct Throw(int[] counts, int at) : IKernel
    {
        public int Parts => counts.Length;

        public void Part(int index)
        {
            Interlocked.Increment(ref counts[index]);
            if (index == at) throw new InvalidOperationException("on purpose");
        }
    }
}
