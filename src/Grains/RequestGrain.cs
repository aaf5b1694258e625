using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Orleans.Placement;

namespace Splitwiser.Grains;

/// <summary>One request's way: check, route, prefill, take the handoff, decode, turn tokens into text. docs/request-path.md draws it.</summary>
[PreferLocalPlacement, CollectionAgeLimit("00:02:00")] // there is one for each request ever made: it leaves by itself when it is done
internal sealed class RequestGrain(
    ServedModel model, DeviceView view, FullDevices full, DeviceFeeds feeds, OpenStreams streams, RequestMetrics metrics, GrainOptions options, TimeProvider time, ILogger<RequestGrain> log) : Grain, IRequestGrain
{
    private readonly Fence fence = new(); // calls interleave here, as streams do: the newest has the request

    public IAsyncEnumerable<TokenChunk> Generate(GenerateRequest request, CancellationToken cancellationToken)
    {
        var trace = new RequestTrace(this.GetPrimaryKey(), request.TraceParent);
        return metrics.Observe(Run(request, trace, cancellationToken), trace: trace);
    }

    public Task<RequestState> State(CancellationToken cancellationToken) => Task.FromResult(fence.State);

    private async IAsyncEnumerable<TokenChunk> Run(GenerateRequest request, RequestTrace trace, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var arrived = time.GetTimestamp();
        using var open = streams.EnterAnswer();
        using var leaving = new Departure(this);
        using var turn = await fence.Take(cancellationToken);
        var plan = await turn.Guard(Admission.AdmitForGrain(request, model, turn.Token));
        var answer = new Answer(plan, model.Tokenizer, time, arrived);
        var journey = new Journey(plan, view, full, options, time);
        if (answer.Ended)                                   // a resumed stream that lacked nothing but its end
            using (turn.Park()) yield return answer.Rest();
        while (!answer.Ended)                               // once, and again on another device for each that is lost
        {
            await using var run = await turn.Start(Start(plan, answer, journey, trace, turn.Token));
            while (!answer.Ended && await turn.Guard(run.Next()) is { } tokens)
                using (turn.Park()) yield return answer.Take(tokens);
            if (!answer.Ended) journey.Left(run.Device);
        }
    }

    /// <summary>Sends prompt and output so far to a device, and to the next one if that is lost or full, until one has prefilled it.</summary>
    private async Task<DeviceRun> Start(RequestPlan plan, Answer answer, Journey journey, RequestTrace trace, CancellationToken cancellationToken)
    {
        var work = plan.Behind(answer.Ids);
        while (true)
        {
            var device = DeviceDoors.Of(await journey.Next(work, cancellationToken), GrainFactory);
            var watch = new DeviceWatch(device.Device, device.Pages, options, time);
            using var span = trace.Phase("splitwiser.prefill", device.Device);
            try
            {
                var handoff = await watch.Prefilled(device.Prefill, work with { TraceParent = span?.Id }, cancellationToken);
                journey.Admitted = true;
                answer.StartsOn(device.Device, handoff);
                return new DeviceRun(device, watch, feeds.To(device), handoff, answer, log, cancellationToken) { Span = trace.Phase("splitwiser.decode", device.Device) };
            }
            catch (DeviceLostException loss)
            {
                log.DeviceLost(loss.Message);
                span?.SetStatus(ActivityStatusCode.Error, loss.Message);
                journey.Lost(loss.Device);
            }
            catch (RequestRefusedException refusal)
            {
                span?.SetStatus(ActivityStatusCode.Error, refusal.Message);
                journey.Refused(device.Device, refusal);
            }
        }
    }

    /// <summary>Ends the activation when its caller has had the time to fetch the stream's end, which is made before it is fetched; unless another call has come.</summary>
    private async Task Leave()
    {
        await Task.Delay(options.Linger, time);
        if (fence.State == RequestState.Unknown) DeactivateOnIdle();
    }

    private sealed class Departure(RequestGrain grain) : IDisposable
    {
        public void Dispose() => _ = grain.Leave();
    }
}
