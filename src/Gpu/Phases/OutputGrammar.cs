using Splitwiser.Models.Grammar;

namespace Splitwiser.Gpu.Phases;

/// <summary>
/// What one sequence's output keeps to: a grammar, banned tokens, or both. Where the next mask needs the sampled token, the sequence takes one
/// step at a time: a mask that was seen before is there at once, any other is worked out beside the lanes, which go on with the other sequences. Guarded by
/// the device's lock, but for what runs beside it.
/// </summary>
internal sealed class OutputGrammar
{
    private readonly GrammarCursor? cursor;     // null where only words are banned
    private readonly TokenBans? bans;
    private readonly uint[] left;               // (words of the vocabulary) what the bans leave of the cursor's mask; empty without bans

    private OutputGrammar(GrammarCursor? cursor, TokenBans? bans, ReadOnlySpan<int> output)
    {
        (this.cursor, this.bans, left) = (cursor, bans, new uint[bans?.Free.Length ?? 0]);
        Complete(output);
    }

    /// <summary>(words of the vocabulary) the tokens that may come next, always in the same place.</summary>
    public ReadOnlyMemory<uint> Allowed => bans is null ? cursor!.Allowed : left;

    /// <summary>The mask is that of the output so far.</summary>
    public bool IsReady { get; private set; }

    /// <summary>No token fits.</summary>
    public bool IsStuck => IsReady && (cursor?.IsStuck == true || Allowed.Span.IndexOfAnyExcept(0u) < 0);

    /// <summary>The output is whole: without a token that fits it has ended well.</summary>
    public bool MayEnd => cursor?.MayEnd ?? true;

    /// <summary>The mask changes with the output. Otherwise it is as it was at the beginning, and steps may be launched ahead.</summary>
    public bool FollowsOutput => cursor is not null || bans!.FollowsOutput;

    /// <summary>Null without bans.</summary>
    /// <exception cref="DeviceRefusedException">Invalid: no token is left.</exception>
    public static OutputGrammar? Of(TokenBans? bans, PromptRequest request) => bans is null ? null : Begun(null, bans, request);

    /// <summary>Compiles a request's constraint unless it is known, and goes through the output that was delivered already.</summary>
    /// <exception cref="DeviceRefusedException">Invalid: it can't be honoured, or the delivered output does not keep to it.</exception>
    public static OutputGrammar Open(Grammars? grammars, PromptRequest request, TokenBans? bans)
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
        return Begun(cursor, bans, request);
    }

    /// <summary>Goes on by a sampled token.</summary>
    /// <param name="output">With that token.</param>
    /// <param name="prepared">Called when the mask is ready, if it is not at once; with the error, if working it out failed. Not under the lock.</param>
    public void Accept(int token, ReadOnlySpan<int> output, Action<Exception?> prepared)
    {
        if (cursor?.TryAccept(token) == false) throw new InvalidOperationException($"Token {token} was sampled, and the mask does not allow it.");
        IsReady = cursor?.IsReady != false;
        if (IsReady) Complete(output);
        else ThreadPool.UnsafeQueueUserWorkItem(static work => work.Grammar.Prepare(work.Prepared), (Grammar: this, Prepared: prepared), preferLocal: false);
    }

    /// <summary>The mask that was worked out counts from now on.</summary>
    public void Complete(ReadOnlySpan<int> output)
    {
        IsReady = true;
        if (bans is null) return;
        if (cursor is null) left.AsSpan().Fill(uint.MaxValue);
        else cursor.Allowed.Span.CopyTo(left);
        bans.Apply(output, left);
    }

    private static OutputGrammar Begun(GrammarCursor? cursor, TokenBans? bans, PromptRequest request)
    {
        var begun = new OutputGrammar(cursor, bans, request.Tokens.Span[request.OutputStart..]);
        return begun.IsStuck ? throw Refused("No token of the vocabulary begins or continues what the request asks for.") : begun;
    }

    private void Prepare(Action<Exception?> prepared)
    {
        try
        {
            cursor!.Prepare();
            prepared(null);
        }
        catch (Exception exception)     // the work item's edge: the device is closed
        {
            prepared(exception);
        }
    }

    private static DeviceRefusedException Refused(string message) => new(DeviceRefusal.Invalid, message);
}
