using Splitwiser.Bench.Devices;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Bench.Phases;

/// <summary>
/// Keeps a device supplied with prompts of one length that end with their first token: the next one comes as soon as less than a step's
/// worth is left to launch, so that the device never waits for prompts and few wait for it.
/// </summary>
/// <param name="threshold">Prompt positions that are always there to launch.</param>
internal sealed class PromptFeed(DeviceWorker worker, StepWatch watch, int length, int threshold, Random random)
{
    private readonly SemaphoreSlim launched = new(0);
    private readonly List<Task> prompts = [];
    private int waiting;        // positions that no step has taken yet

    /// <summary>Runs until it is cancelled, and then until no prompt of it is left.</summary>
    public async Task Run(CancellationToken ct)
    {
        watch.PrefillLaunched = tokens =>
        {
            Interlocked.Add(ref waiting, -tokens);
            launched.Release();
        };
        try
        {
            while (true)
            {
                while (Volatile.Read(ref waiting) < threshold)
                {
                    Interlocked.Add(ref waiting, length);
                    prompts.Add(One(ct));
                }

                await launched.WaitAsync(ct);
                prompts.RemoveAll(prompt => prompt.IsCompletedSuccessfully);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            watch.PrefillLaunched = null;
            await Task.WhenAll(prompts);
        }
    }

    private async Task One(CancellationToken ct)
    {
        var tokens = new int[length];
        for (var i = 0; i < length; i++) tokens[i] = random.Next(worker.Runner.Model.VocabularySize);
        try
        {
            var handoff = await worker.Prefill(new PromptRequest { Tokens = tokens, OutputStart = length, MaxTokens = 1, Sampling = SamplingParams.Greedy }, ct);
            worker.Release(handoff.Lease);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The window is over.
        }
    }
}
