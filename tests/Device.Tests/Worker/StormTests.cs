using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;
using static Splitwiser.Device.Tests.TestDevice;

namespace Splitwiser.Device.Tests.Worker;

/// <summary>Many callers at once on real threads: a third leave at random, some stop, some stop reading. Everyone else gets the tokens that he gets alone.</summary>
public sealed class StormTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<PhaseMode, int> ModesAndDepths
    {
        get
        {
            var data = new TheoryData<PhaseMode, int>();
            foreach (var mode in Enum.GetValues<PhaseMode>())
                for (var depth = 1; depth <= 2; depth++) data.Add(mode, depth);
            return data;
        }
    }

    [Theory, MemberData(nameof(ModesAndDepths))]
    public Task Whoever_stays_gets_his_own_tokens_and_no_page_leaks(PhaseMode mode, int depth) => Storm(mode, depth, callers: 60, seed: 1);

    [Theory, MemberData(nameof(ModesAndDepths))]
    public Task With_main_memory_behind_the_pages_too(PhaseMode mode, int depth) => Storm(mode, depth, callers: 60, seed: 1, hostPages: 64);

    [Theory, MemberData(nameof(ModesAndDepths)), Trait("Category", "Long")]
    public async Task For_a_long_time_too(PhaseMode mode, int depth)
    {
        for (var seed = 2; seed < 22; seed++) await Storm(mode, depth, callers: 300, seed, hostPages: seed % 2 * 40);
    }

    private static async Task Storm(PhaseMode mode, int depth, int callers, int seed, int hostPages = 0)
    {
        var options = new DeviceOptions { Mode = mode, MaxSequences = 6, MaxBatchedTokens = 96, PrefillSlice = 40, QueueLimit = callers, HostPages = hostPages };
        await using var device = new TestDevice(new PagedRunner(pageCount: 24, queueDepth: depth, hostPageCount: hostPages), options);
        using var arrivals = new SemaphoreSlim(20);     // callers at a time
        var storm = Enumerable.Range(0, callers).Select(i => Caller(device, arrivals, new Random(1000 * seed + i), i)).ToList();
        await Task.WhenAll(storm);
        device.Time.Advance(TimeSpan.FromSeconds(11));      // those that nobody reads any more, running or ended
        await device.Worker.Drain(Ct).WaitAsync(TimeSpan.FromSeconds(20), Ct);
        device.Worker.Pages.Leased.ShouldBe(0);
        device.Worker.Statistics.HandoffPagesCopied.ShouldBe(0);
    }

    private static async Task Caller(TestDevice device, SemaphoreSlim arrivals, Random random, int i)
    {
        await arrivals.WaitAsync(Ct);
        try
        {
            int[] prompt = [.. Prompt(i % 3, random.Next(1, 100)), .. Prompt(i, random.Next(1, 60))];     // often begin alike
            var sampling = new SamplingParams { Temperature = 0, EndTokenIds = [.. Enumerable.Range(0, 10)], TopLogprobs = i % 4 == 0 ? 2 : null };
            var request = Request(prompt, random.Next(1, 120), sampling, cacheOutput: i % 2 == 0);
            var alone = device.Alone(request);
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            if (i % 6 == 0)
            {
                var leaving = device.Worker.Prefill(request, cancel.Token);
                await Task.Yield();
                await cancel.CancelAsync();
                try
                {
                    var kept = await leaving;       // it was too late: nobody will attach
                    if (random.Next(2) == 0) device.Worker.Release(kept.Lease);
                }
                catch (OperationCanceledException)
                {
                }

                return;
            }

            var handoff = await device.Worker.Prefill(request, cancel.Token);
            using var reader = device.Worker.Attach(handoff.Lease, 0);
            var patience = random.Next(alone.Count + 1);
            var tokens = new List<int>();
            while (await reader.WaitToReadAsync(cancel.Token))
            {
                while (reader.TryRead(out var token))
                {
                    token.Index.ShouldBe(tokens.Count);
                    tokens.Add(token.Token.TokenId);
                    if (tokens.Count < patience) continue;
                    switch (i % 6)
                    {
                        case 1: device.Worker.Release(handoff.Lease); return;
                        case 2: device.Worker.Stop(handoff.Lease, tokens.Count); break;
                        case 3: return;     // reads no more: the idle timeout takes it
                    }
                }
            }

            if (reader.End!.Reason == EndReason.Stopped) tokens.ShouldBe(alone.Take(tokens.Count));
            else tokens.ShouldBe(alone);
        }
        finally
        {
            arrivals.Release();
        }
    }
}
