using Splitwiser.Models.Grammar;

namespace Splitwiser.Gpu.Phases;

/// <summary>Where prompts come in: each is refused or begins to wait. Takes the device's lock itself.</summary>
/// <param name="arrived">A prompt waits. Called under the lock.</param>
internal sealed class Intake(
    object gate, IModelRunner runner, DeviceOptions options, Grammars? grammars, PromptCheck check, DeviceLifetime lifetime, Scheduler scheduler, Generations generations, Action arrived)
{
    public Task<Handoff> Prefill(PromptRequest request, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<Handoff>(cancellationToken);
        if (request.Probe is not null && !runner.Info.Probes)
            return Task.FromException<Handoff>(new DeviceRefusedException(DeviceRefusal.Unserved, $"{runner.Info.DeviceName} gives neither hidden states nor logprobs of prompts."));
        if (check.Flaw(request) is { } flaw) return Task.FromException<Handoff>(new DeviceRefusedException(DeviceRefusal.Invalid, flaw));
        try
        {
            var bans = TokenBans.Of(request, runner.Model.VocabularySize);
            return request.Constraint is null ? Enqueue(request, OutputGrammar.Of(bans, request), cancellationToken) : Constrain(request, bans, cancellationToken);
        }
        catch (DeviceRefusedException refused)
        {
            return Task.FromException<Handoff>(refused);
        }
    }

    /// <summary>Compiling may take a while, so it is done by another thread and before the prompt counts as waiting.</summary>
    private async Task<Handoff> Constrain(PromptRequest request, TokenBans? bans, CancellationToken cancellationToken)
    {
        lock (gate)
            if (Refusal(request) is { } refusal) throw refusal;
        var grammar = await Task.Run(() => OutputGrammar.Open(grammars, request, bans), cancellationToken);
        return await Enqueue(request, grammar, cancellationToken);
    }

    private Task<Handoff> Enqueue(PromptRequest request, OutputGrammar? grammar, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<Handoff>(cancellationToken);
        var keys = PrefixKeys.Of(request.Tokens.Span, request, options, runner.Model.Rope);
        lock (gate)
        {
            if (Refusal(request) is { } refusal) return Task.FromException<Handoff>(refusal);
            if (scheduler.Prompts.QueuedCount >= options.QueueLimit && scheduler.Prompts.LastBelow(request.Priority) is { } last) Displace(last);
            var generation = generations.Open(request, keys, grammar);
            scheduler.Enqueue(generation);
            generation.Cancellation = cancellationToken.UnsafeRegister((_, token) => Cancel(generation, token), null);
            arrived();
            return generation.Handoff;
        }
    }

    private DeviceRefusedException? Refusal(PromptRequest request) => lifetime.Refusal ?? check.Refusal(request, scheduler);

    /// <summary>The queue is full and one of a higher priority has come.</summary>
    private void Displace(Generation generation)
    {
        var wait = AdmissionPolicy.Wait(scheduler.Ahead(generation.Request));
        generations.Drop(generation, new OutputOutcome(null, new DeviceRefusedException(DeviceRefusal.QueueFull, "Prompts of a higher priority have filled the queue.", AdmissionPolicy.RetryAfter(wait))));
    }

    private void Cancel(Generation generation, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (generation.IsHandedOff) return;
            generation.CancelHandoff(cancellationToken);
            generations.Drop(generation, new OutputOutcome(new SequenceEnd(EndReason.Released), null));
        }
    }
}
