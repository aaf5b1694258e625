using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Splitwiser.Tests;
using Property = Splitwiser.Tests.Property;
using static Splitwiser.Grains.Tests.Reports;

namespace Splitwiser.Grains.Tests;

public sealed class RoutingPolicyTests
{
    public static TheoryData<string, DeviceReport, DeviceReport> Better => new()
    {
        { "fewer tokens queued", Idle("a/0") with { QueuedTokens = 10 }, Idle("b/0") with { QueuedTokens = 20 } },
        { "fewer sequences running", Idle("a/0") with { Running = 3 }, Idle("b/0") with { Running = 4 } },
        { "fewer sequences waiting", Idle("a/0") with { Waiting = 1 }, Idle("b/0") with { Waiting = 2 } },
        { "the prompt's first page is cached", Idle("a/0") with { CachedPrefixes = [11] }, Idle("b/0") },
        { "both of its pages are cached", Idle("a/0") with { CachedPrefixes = [11, 22] }, Idle("b/0") with { CachedPrefixes = [11] } },
        { "it has just computed the prompt", Idle("a/1") with { Running = 1 }, Idle("b/0") },
        { "the cache outweighs a sequence", Idle("a/0") with { CachedPrefixes = [11, 22], Running = 1 }, Idle("b/0") },
        { "the cache does not outweigh a long queue", Idle("a/0"), Idle("b/0") with { CachedPrefixes = [11, 22], QueuedTokens = 129 } },
        { "who left its cache for a free device would keep others waiting", Idle("a/0") with { CachedPrefixes = [11, 22], QueuedTokens = 100 }, Idle("b/0") },
        { "a second page without the first is no prefix", Idle("a/0"), Idle("b/0") with { CachedPrefixes = [22], QueuedTokens = 1 } },
        { "pages for it are free", Idle("a/0") with { Running = 9 }, Idle("b/0") with { Pages = new(1, 99, 0, 100) } },
        { "cached pages can be had, too", Idle("a/0") with { Pages = new(0, 90, 10, 100), QueuedTokens = 1 }, Idle("b/0") with { Pages = new(1, 99, 0, 100) } },
        { "its silo was heard of lately", Idle("a/0") with { QueuedTokens = 999 }, Idle("b/0") with { Age = TimeSpan.FromSeconds(2) } },
        { "its silo lost nothing of this request", Idle("a/0") with { QueuedTokens = 999 }, Idle("c/1") },
        { "no other request has just lost it", Idle("a/0") with { QueuedTokens = 999 }, Idle("d/0") },
        { "it computes prompts in half the time", Idle("a/0") with { SecondsPerPromptToken = 0.001, Running = 7 }, Idle("b/0") with { SecondsPerPromptToken = 0.002 } },
        { "a cache elsewhere is worth less than a device ten times as fast", Idle("a/0") with { SecondsPerPromptToken = 0.001 }, Idle("b/0") with { SecondsPerPromptToken = 0.1, CachedPrefixes = [11] } },
        { "a pace that wavers is no difference", Idle("a/0") with { SecondsPerPromptToken = 0.0014 }, Idle("b/0") with { SecondsPerPromptToken = 0.001, Running = 1 } },
        { "who has not computed yet is as fast as the others", Idle("a/0"), Idle("b/0") with { SecondsPerPromptToken = 0.001, Running = 1 } },
        { "a step that runs is waited for", Idle("a/0") with { SecondsPerPromptToken = 0.001, QueuedTokens = 40 }, Idle("b/0") with { SecondsPerPromptToken = 0.001, SecondsPerStep = 0.05, Running = 1 } },
        { "it did no more than its share lately", Idle("a/0") with { CachedPrefixes = [11, 22], Running = 3 }, Idle("b/0") with { CachedPrefixes = [11, 22], RecentTokens = 10_000 } },
        { "a tenth over the mean is a fair share", Idle("a/0") with { RecentTokens = 12_000 }, Idle("b/0") with { RecentTokens = 10_000, Running = 1 } },
        { "a crowded device keeps half of its cache's worth", Idle("a/0") with { CachedPrefixes = [11, 22], RecentTokens = 1_000_000 }, Idle("b/0") with { Running = 5 } },
        { "what is queued is work, too", Idle("a/0") with { CachedPrefixes = [11, 22], QueuedTokens = 40 }, Idle("b/0") with { CachedPrefixes = [11, 22], QueuedTokens = 38, RecentTokens = 10_000 } },
        { "a fast device's share is larger", Idle("a/0") with { CachedPrefixes = [11, 22], RecentTokens = 20_000, SecondsPerPromptToken = 0.001 }, Idle("b/0") with { CachedPrefixes = [11, 22], RecentTokens = 10_000, SecondsPerPromptToken = 0.002, Running = 1 } },
        { "it is open", Idle("a/0") with { Running = 50 }, Idle("b/0") with { Open = false } },
        { "it serves the model", Idle("a/0") with { Running = 50 }, Idle("b/0") with { Model = "other" } },
    };

    private static RoutedPrompt Prefixed => Prompt() with { Blocks = [11, 22], Beside = "a/1", Tried = ["c/0"], Doubted = ["d/0"] };

    [Theory]
    [MemberData(nameof(Better))]
    public void The_better_device_is_picked_in_whatever_order_they_come(string why, DeviceReport better, DeviceReport worse)
    {
        foreach (var snapshot in new[] { Snapshot(better, worse), Snapshot(worse, better) })
        {
            for (var draw = 0u; draw < 2; draw++)
            {
                RoutingPolicy.TryPick(snapshot, Prefixed with { Draw = draw }, out var device).ShouldBeTrue();
                device.ShouldBe(better.Device, why);
            }
        }
    }

    [Fact]
    public void The_first_token_is_predicted_from_queue_load_cache_and_pace()
    {
        var report = Idle("a/0") with { QueuedTokens = 100, Running = 2, CachedPrefixes = [11], SecondsPerPromptToken = 0.001, SecondsPerStep = 0.02 };
        var prompt = Prefixed with { Tokens = 64 };
        RoutingCosts.Of(Snapshot(report), prompt).FirstToken(report, prompt.UncachedOn(report)).ShouldBe((0.001 * (100 + (2 * 8) + 32)) + 0.02, 1e-9);
    }

    [Fact]
    public void The_least_loaded_device_is_picked_whatever_is_cached_elsewhere()
    {
        var snapshot = Snapshot(Idle("a/0") with { CachedPrefixes = [11, 22], Running = 1 }, Idle("b/0"));
        Pick(snapshot, Prefixed).ShouldBe("a/0");
        Pick(snapshot, Prefixed, RoutingRule.LeastLoaded).ShouldBe("b/0");
        Pick(snapshot, Prefixed with { Draw = 0 }, RoutingRule.RoundRobin).ShouldBe("a/0");
        Pick(snapshot, Prefixed with { Draw = 1 }, RoutingRule.RoundRobin).ShouldBe("b/0");
    }

    [Fact]
    public void Equals_are_taken_in_turn() =>
        Enumerable.Range(0, 6).Select(draw => Pick(Snapshot(Idle("a/0"), Idle("a/1"), Idle("b/0")), Prompt() with { Draw = (uint)draw }))
            .ShouldBe(["a/0", "a/1", "b/0", "a/0", "a/1", "b/0"]);

    [Fact]
    public void The_highest_draw_is_a_draw_like_any_other() =>
        Pick(Snapshot(Idle("a/0"), Idle("a/1"), Idle("b/0")), Prompt() with { Draw = uint.MaxValue }).ShouldNotBeNull();

    [Fact]
    public void Without_a_device_nothing_is_picked()
    {
        Pick(Snapshot(), Prompt()).ShouldBeNull();
        Pick(Snapshot(Idle("a/0")), Prompt() with { Tried = ["a/0"] }).ShouldBeNull();
    }

    [Fact]
    public void For_all_clusters_the_pick_can_serve_is_the_best_and_does_not_depend_on_the_order() =>
        Property.Holds(Clusters.ToArbitrary(), example =>
        {
            var able = example.Devices.Where(device => device.Open && device.Model == "demo" && !example.Prompt.Tried.Contains(device.Device)).ToList();
            var picked = Pick(new(1, example.Devices), example.Prompt);
            (picked is null).ShouldBe(able.Count == 0);
            if (picked is null) return;
            var pick = able.Single(device => device.Device == picked);
            foreach (var other in able) Dominates(other, pick, example.Prompt).ShouldBeFalse($"{other} is better in every way than {pick}");
            var again = Pick(new(1, [.. example.Devices.Reverse()]), example.Prompt)!;
            var reversed = able.Single(device => device.Device == again);
            Dominates(reversed, pick, example.Prompt).ShouldBeFalse();
            Dominates(pick, reversed, example.Prompt).ShouldBeFalse();
        });

    private static Gen<(ImmutableArray<DeviceReport> Devices, RoutedPrompt Prompt)> Clusters =>
        from count in Gen.Choose(0, 6)
        from devices in Device.ListOf(count)
        from tokens in Gen.Choose(1, 200)
        from tried in Gen.Choose(0, 5).ListOf(2)
        from draw in Gen.Choose(0, int.MaxValue)
        select (
            devices.Select((device, i) => device with { Device = $"silo{i / 2}/{i % 2}" }).ToImmutableArray(),
            Prompt(tokens) with { Blocks = [1, 2, 3], Draw = (uint)draw, Tried = [.. tried.Select(i => $"silo{i / 2}/{i % 2}")] });

    private static Gen<DeviceReport> Device =>
        from open in Gen.Choose(0, 4)
        from other in Gen.Choose(0, 4)
        from numbers in Gen.Choose(0, 5).ListOf(4)
        from free in Gen.Choose(0, 8)
        from age in Gen.Choose(0, 2)
        select Idle("") with
        {
            Open = open > 0, Model = other > 0 ? "demo" : "other", Waiting = numbers[0], Running = numbers[1], QueuedTokens = 40 * numbers[2],
            CachedPrefixes = [.. Enumerable.Range(1, numbers[3]).Select(block => (ulong)block)], Pages = new(free, 0, 0, free), Age = TimeSpan.FromSeconds(age),
        };

    /// <summary>At least as good in all that counts and better in something.</summary>
    private static bool Dominates(DeviceReport a, DeviceReport b, RoutedPrompt prompt)
    {
        int[] As(DeviceReport device) =>
        [
            device.Age.Seconds > 1 || prompt.Tried.Any(tried => tried.Split('/')[0] == device.Device.Split('/')[0]) ? 1 : 0,
            device.Pages.Free >= prompt.Pages ? 0 : 1,
            device.Waiting, device.Running, device.QueuedTokens,
            -Math.Min(prompt.Tokens, 32 * Math.Min(3, device.CachedPrefixes.Length)),
        ];
        return As(a).Zip(As(b)).All(pair => pair.First <= pair.Second) && !As(a).SequenceEqual(As(b));
    }

    private static string? Pick(DeviceSnapshot snapshot, RoutedPrompt prompt, RoutingRule rule = RoutingRule.KvAware) =>
        RoutingPolicy.TryPick(snapshot, prompt, out var device, rule) ? device : null;
}
