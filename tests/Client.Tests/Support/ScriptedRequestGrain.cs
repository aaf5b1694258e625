using System.Runtime.CompilerServices;
using Orleans.Placement;

namespace Splitwiser.Client.Tests;

/// <summary>Stands in for the request grain: real calls and streams, made-up answers and failures.</summary>
[PreferLocalPlacement] // as the request grain
internal sealed class ScriptedRequestGrain(ILocalSiloDetails silo) : Grain, IRequestGrain
{
    private Script? script;
    private RequestState says;
    private int asked;

    public Task<RequestState> State(CancellationToken cancellationToken)
    {
        if (++asked == 5) script?.AskedOften.TrySetResult();
        return Task.FromResult(says);
    }

    public async IAsyncEnumerable<TokenChunk> Generate(GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        script = Script.Of(request);
        script.Asked.Enqueue(request);
        var act = script.Next();
        says = act.Says;
        var first = request.Delivered.Length;
        var end = Math.Min(Script.Ids.Length, act.Tokens + first ?? Script.Ids.Length);
        for (var index = first; index < end || (act.Tokens is null && index == first); index += 2) // all delivered: the end alone
        {
            var ids = Script.Ids[Math.Min(end, act.SkipsOne && index > first ? index + 1 : index)..Math.Min(index + 2, end)];
            yield return new()
            {
                FirstIndex = ids.IsEmpty ? index : ids[0] - Script.Ids[0],
                Ids = ids,
                Text = Script.TextOf(ids),
                Start = index == first ? new([1, 2], request.Sampling.Seed!.Value, "silo/0", 0) : null,
                End = act.Tokens is null && index + 2 >= end ? new(FinishReason.Length, new(2, 0, end), null, null, default) : null,
            };
        }

        if (act.Throws is { } throws)
            throw throws();
        if (act.Hangs)
            await Hang(script, cancellationToken);
    }

    private async Task Hang(Script script, CancellationToken cancellationToken)
    {
        script.Hangs.TrySetResult(silo.SiloAddress);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = cancellationToken.Register(cancelled.SetResult);
        await cancelled.Task;
        script.Cancelled.TrySetResult();
        cancellationToken.ThrowIfCancellationRequested();
    }
}
