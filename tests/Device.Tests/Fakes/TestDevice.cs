using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests;

/// <summary>A device worker over a <see cref="PagedRunner"/>, with time by hand; its end checks that no page is lost and no rule was broken.</summary>
internal sealed class TestDevice : IAsyncDisposable
{
    public TestDevice(PagedRunner? runner = null, DeviceOptions? options = null, TimeProvider? time = null)
    {
        Runner = runner ?? new PagedRunner();
        Time = new ManualTime();
        Worker = new DeviceWorker(Runner, options ?? new DeviceOptions { Mode = PhaseMode.Serial, MaxSequences = 8 }, time ?? Time, NullLogger<DeviceWorker>.Instance);
    }

    public PagedRunner Runner { get; }

    public ManualTime Time { get; }

    public DeviceWorker Worker { get; }

    public static PromptRequest Request(int[] prompt, int maxTokens, SamplingParams? sampling = null, string? salt = null, bool cacheOutput = true) => new()
    {
        Tokens = prompt,
        OutputStart = prompt.Length,
        MaxTokens = maxTokens,
        Sampling = sampling ?? SamplingParams.Greedy,
        CacheSalt = salt,
        CacheOutput = cacheOutput,
    };

    public static int[] Prompt(int seed, int length)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(1000))];
    }

    public List<int> Alone(PromptRequest request) =>
        Runner.Tokens.Alone(request.Tokens.ToArray(), request.Sampling, request.MaxTokens);

    public async Task<(List<int> Tokens, SequenceEnd End)> Generate(PromptRequest request, CancellationToken ct = default)
    {
        var handoff = await Worker.Prefill(request, ct);
        using var reader = Worker.Attach(handoff.Lease, 0);
        return await ReadAll(reader, ct);
    }

    public static async Task<(List<int> Tokens, SequenceEnd End)> ReadAll(TokenReader reader, CancellationToken ct = default)
    {
        var tokens = new List<int>();
        while (await reader.WaitToReadAsync(ct))
            while (reader.TryRead(out var token)) tokens.Add(token.Token.TokenId);
        return (tokens, reader.End!);
    }

    /// <summary>Polls on a short timer until the condition holds; fails after a while.</summary>
    public static async Task Until(Func<bool> condition, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        var deadline = Environment.TickCount64 + 20_000;
        while (!condition())
        {
            if (Environment.TickCount64 > deadline) throw new TimeoutException($"Waited in vain until {what}.");
            await timer.WaitForNextTickAsync();
        }
    }

    public Task UntilNoPageIsLeased() => Until(() => Worker.Pages.Leased == 0, "no page is leased");

    public async ValueTask DisposeAsync()
    {
        if (!Worker.Closed.IsCompleted) Worker.CheckInvariants();
        await Worker.DisposeAsync();
        Worker.CheckInvariants();
        var pages = Worker.Pages;
        pages.Leased.ShouldBe(0);
        (pages.Free + pages.Cached).ShouldBe(pages.Total);
        Runner.Misuses.ToImmutableArray().ShouldBeEmpty();
    }
}
