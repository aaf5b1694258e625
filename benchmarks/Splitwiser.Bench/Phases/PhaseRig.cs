using Microsoft.Extensions.Logging;
using Splitwiser.Bench.Devices;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Bench.Phases;

/// <summary>
/// One operating point on one runner. Every way to share the device has a worker of its own, which lives on between its windows with the
/// contexts of the decoding sequences in its prefix cache: a window starts at once, and at the same contexts. What the cached pages hold
/// is never computed (but for the adaptive mode, which learns from it): only times are measured here.
/// </summary>
internal sealed class PhaseRig(BenchDevice device, PhasePoint point, int modelLength, TimeSpan warm, ILogger<DeviceWorker> logger) : IAsyncDisposable
{
    private static readonly TimeSpan Never = TimeSpan.FromHours(10);

    private readonly Dictionary<Sharing, DeviceWorker> workers = [];
    private readonly Random random = new(1);
    private readonly int[][] contexts = Draw(point, device.Runner.Model.VocabularySize);

    public StepWatch Watch { get; } = new(device.Runner);

    /// <summary>A window of each phase alone, or of both; none of its prompts repeats.</summary>
    public async Task<PhaseSample> Measure(Sharing sharing, bool prefills, bool decodes, TimeSpan window, CancellationToken ct)
    {
        var worker = await Worker(sharing, ct);
        var leases = decodes ? await StartDecodes(worker, ct) : [];
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var feed = prefills ? new PromptFeed(worker, Watch, point.Prompt, Threshold(worker), random).Run(over.Token) : Task.CompletedTask;
        await Task.Delay(warm, ct);
        Watch.Begin();
        await Task.WhenAny(Task.Delay(window, ct), prefills ? feed : Task.Delay(window, ct));
        var steps = Watch.Steps;
        await over.CancelAsync();
        await feed;
        await Stop(worker, leases, ct);
        var sample = PhaseSample.Of(steps, decodes ? point.Decodes : 0);
        if (decodes && sample.DecodeSteps == 0) throw new BenchException($"{sharing.Name}: {point.Decodes} sequences did not decode together within the window of {window.TotalSeconds:0.0} s; make it longer, or shorter where their outputs come to an end.");
        if (prefills && sample.PrefillSteps < 2) throw new BenchException($"{sharing.Name}: fewer than two steps with prompts ended within the window of {window.TotalSeconds:0.0} s; make it longer.");
        return sample;
    }

    /// <summary>The worker of a way, with the contexts in its cache.</summary>
    public async Task<DeviceWorker> Worker(Sharing sharing, CancellationToken ct)
    {
        if (workers.TryGetValue(sharing, out var known)) return known;
        var basis = new DeviceOptions
        {
            MaxModelLength = modelLength, MaxSequences = device.Runner.Info.MaxRows, MaxBatchedTokens = device.Runner.Info.MaxTokens, QueueLimit = 4096,
            HandoffTimeout = Never, ConsumerIdleTimeout = Never,
        };
        var worker = new DeviceWorker(Watch, sharing.Configure(basis, point.Decodes), TimeProvider.System, logger);
        workers.Add(sharing, worker);
        Watch.PretendedTokenTime = sharing.Mode == PhaseMode.Adaptive ? null : TimeSpan.FromMicroseconds(1);
        try
        {
            foreach (var handoff in await Task.WhenAll(contexts.Select(context => worker.Prefill(Request(context, 1), ct)))) worker.Release(handoff.Lease);
        }
        finally
        {
            Watch.PretendedTokenTime = null;
        }

        return worker;
    }

    /// <summary>All sequences, each past its first token.</summary>
    public async Task<LeaseId[]> StartDecodes(DeviceWorker worker, CancellationToken ct)
    {
        var handoffs = await Task.WhenAll(contexts.Select(context => worker.Prefill(Request(context, modelLength), ct)));
        return [.. handoffs.Select(handoff => handoff.Lease)];
    }

    /// <summary>Ends the sequences and waits until the device is idle.</summary>
    public static async Task Stop(DeviceWorker worker, LeaseId[] leases, CancellationToken ct)
    {
        foreach (var lease in leases) worker.Release(lease);
        while (worker.Pages.Leased > 0 && worker.Fault is null) await Task.Delay(1, ct);
        if (worker.Fault is { } fault) throw fault;
    }

    public PromptRequest Prompt(int length, int output)
    {
        var tokens = new int[length];
        for (var i = 0; i < length; i++) tokens[i] = random.Next(device.Runner.Model.VocabularySize);
        return Request(tokens, output);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in workers.Values) await worker.DisposeAsync();
    }

    private static PromptRequest Request(int[] tokens, int output) => new() { Tokens = tokens, OutputStart = tokens.Length, MaxTokens = output, Sampling = SamplingParams.Greedy };

    private static int[][] Draw(PhasePoint point, int vocabulary)
    {
        var random = new Random(2);
        return [.. Enumerable.Range(0, point.Decodes).Select(_ => Enumerable.Range(0, point.Context).Select(_ => random.Next(vocabulary)).ToArray())];
    }

    /// <summary>Two steps' worth of prompt positions, but no more than a prompt.</summary>
    private int Threshold(DeviceWorker worker)
    {
        var step = worker.Options.Mode == PhaseMode.Serial ? worker.Options.PrefillSlice : worker.Options.MaxBatchedTokens;
        return (int)Math.Min(point.Prompt, 2L * step);
    }
}
