namespace Splitwiser.Grains.Tests;

/// <summary>A device's prompt grain that never answers, and notes what it was asked.</summary>
internal sealed class SilentPrefill : IPrefillGrain
{
    public Guid Ticket { get; private set; }

    public Guid Withdrawn { get; private set; }

    public Task<KvHandoff> Prefill(PrefillRequest request, CancellationToken cancellationToken)
    {
        Ticket = request.Ticket!.Value;
        return new TaskCompletionSource<KvHandoff>().Task;
    }

    public Task<bool> Withdraw(Guid ticket, CancellationToken cancellationToken)
    {
        Withdrawn = ticket;
        return Task.FromResult(true);
    }

    public Task<string> Whereabouts(CancellationToken cancellationToken) => Task.FromResult("");
}
