namespace Splitwiser.Gpu.Phases;

/// <summary>The slots of a runner: a sequence has one from its first pages until it has ended. Guarded by the device's lock.</summary>
/// <param name="contextLength">Most tokens of a sequence.</param>
internal sealed class Seats(int count, int contextLength)
{
    private readonly Stack<int> free = new(Enumerable.Range(0, count).Reverse());

    public int Free => free.Count;

    public Sequence Take(PromptRequest request, OutputGrammar? grammar)
    {
        var longest = Math.Min((long)request.OutputStart + request.MaxTokens, contextLength);
        return new Sequence(free.Pop(), request.Tokens.Span, request.OutputStart, request.Sampling, (int)longest) { Allowed = grammar?.Allowed ?? default, Probe = request.Probe };
    }

    public void GiveBack(Sequence sequence) => free.Push(sequence.Slot);
}
