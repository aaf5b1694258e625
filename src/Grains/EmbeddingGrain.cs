using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Placement;

namespace Splitwiser.Grains;

/// <summary>One embedding's way: check, route, prefill, give the pages back. The prompt's hidden states come with the handoff.</summary>
[PreferLocalPlacement, CollectionAgeLimit("00:02:00")] // there is one for each request ever made
internal sealed class EmbeddingGrain(ServedModel model, DeviceView view, FullDevices full, GrainOptions options, TimeProvider time, ILogger<EmbeddingGrain> log) : Grain, IEmbeddingGrain
{
    public async Task<EmbeddingResult> Embed(EmbeddingRequest request, CancellationToken cancellationToken)
    {
        var plan = await Admission.AdmitForGrain(AsGenerate(request), model, cancellationToken);
        var work = plan.Behind([]) with { Pooling = request.Pooling ?? model.Pooling };
        var pooled = await Prefill(work, new Journey(plan, view, full, options, time), cancellationToken);
        return new(Unit(pooled), plan.PromptIds.Length);
    }

    private async Task<ImmutableArray<float>> Prefill(PrefillRequest work, Journey journey, CancellationToken cancellationToken)
    {
        while (true)
        {
            var device = DeviceDoors.Of(await journey.Next(work, cancellationToken), GrainFactory);
            var watch = new DeviceWatch(device.Device, device.Pages, options, time);
            try
            {
                var handoff = await watch.Prefilled(device.Prefill, work, cancellationToken);
                if (await watch.Failure(() => device.Pages.Release(handoff.Lease, CancellationToken.None)) is { } failure)
                    log.NotTold(device.Device, failure);
                return handoff.Findings!.Pooled;
            }
            catch (DeviceLostException loss)
            {
                log.DeviceLost(loss.Message);
                journey.Lost(loss.Device);
            }
            catch (RequestRefusedException refusal)
            {
                journey.Refused(device.Device, refusal);
            }
        }
    }

    /// <summary>The prompt of an answer of one token, which nobody reads.</summary>
    private static GenerateRequest AsGenerate(EmbeddingRequest request) => new()
    {
        Text = request.Text,
        TokenIds = request.TokenIds,
        Model = request.Model,
        AddSpecialTokens = request.AddSpecialTokens,
        Priority = request.Priority,
        CacheSalt = request.CacheSalt,
        Call = request.Call,
        TruncatePrompt = request.TruncatePrompt,
        Sampling = new() { Temperature = 0 },
        Stop = new() { MaxTokens = 1 },
    };

    private static ImmutableArray<float> Unit(ImmutableArray<float> vector)
    {
        var length = Math.Sqrt(vector.Sum(value => (double)value * value));
        return length > 0 ? [.. vector.Select(value => (float)(value / length))] : vector;
    }
}
