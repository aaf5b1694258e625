using Splitwiser.Models.Grammar;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// The grammar that one sequence's output keeps to. Its next mask needs the sampled token, so the sequence takes one step at a time: a mask that was
/// seen before is there at once, any other is worked out beside the lanes, which go on with the other sequences. Guarded by the device's lock, but
/// for what runs beside it.
/// </summary>
internal sealed class OutputGrammar
{
    private readonly GrammarCursor cursor;

    private OutputGrammar(GrammarCursor cursor) => this.cursor = cursor;

    /// <summary>(words of the vocabulary) the tokens that may come next, always in the same place.</summary>
    public ReadOnlyMemory<uint> Allowed => cursor.Allowed;

    /// <summary>The mask is that of the output so far.</summary>
    public bool IsReady { get; private set; } = true;

    /// <summary>No token fits.</summary>
    public bool IsStuck => IsReady && cursor.IsStuck;

    /// <summary>The output is whole: without a token that fits it has ended well.</summary>
    public bool MayEnd => cursor.MayEnd;

    /// <summary>Compiles a request's constraint unless it is known, and goes through the output that was delivered already.</summary>
    /// <exception cref="DeviceRefusedException">Invalid: it can't be honoured, or the delivered output does not keep to it.</exception>
    public static OutputGrammar Open(Grammars? grammars, PromptRequest request)
    {
        if (grammars is null) throw Refused("The device has no tokenizer, so its output can't be constrained.");
        GrammarCursor cursor;
        try
        {
            cursor = grammars.Of(request.Constraint!).Open(request.Sampling.EndTokenIds);
        }
        catch (GrammarException e)
        {
            throw Refused(e.Message);
        }

        foreach (var token in request.Tokens.Span[request.OutputStart..])
            if (!cursor.TryAccept(token)) throw Refused($"The delivered output does not keep to the constraint: token {token} does not fit.");
        cursor.Prepare();
        return cursor.IsStuck ? throw Refused("No token of the vocabulary begins or continues what the constraint asks for.") : new OutputGrammar(cursor);
    }

    /// <summary>Goes on by a sampled token.</summary>
    /// <param name="prepared">Called when the mask is ready, if it is not at once; with the error, if working it out failed. Not under the lock.</param>
    public void Accept(int token, Action<Exception?> prepared)
    {
        if (!cursor.TryAccept(token)) throw new InvalidOperationException($"Token {token} was sampled, and the mask does not allow it.");
        IsReady = cursor.IsReady;
        if (!IsReady) ThreadPool.UnsafeQueueUserWorkItem(static work => work.Grammar.Prepare(work.Prepared), (Grammar: this, Prepared: prepared), preferLocal: false);
    }

    /// <summary>The mask that was worked out counts from now on.</summary>
    public void Complete() => IsReady = true;

    private void Prepare(Action<Exception?> prepared)
    {
        try
        {
            cursor.Prepare();
            prepared(null);
        }
        catch (Exception exception)     // the work item's edge: the device is closed
        {
            prepared(exception);
        }
    }

    private static DeviceRefusedException Refused(string message) => new(DeviceRefusal.Invalid, message);
}
