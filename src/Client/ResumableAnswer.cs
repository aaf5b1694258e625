namespace Splitwiser.Client;

/// <summary>How far one answer has come: what is needed to go on with it from anywhere.</summary>
internal sealed class ResumableAnswer
{
    private bool started;

    public ResumableAnswer(GenerateRequest request) => Request = request with
    {
        Sampling = request.Sampling with { Seed = request.Sampling.Seed ?? Random.Shared.NextInt64() },
    };

    /// <summary>What to ask the next request grain for: the caller's request, and what was delivered.</summary>
    public GenerateRequest Request { get; private set; }

    public bool Ended { get; private set; }

    /// <summary>The chunk begins where the delivered ones end; if not, a piece was lost on the way.</summary>
    public bool Continues(TokenChunk chunk) => chunk.FirstIndex == Request.Delivered.Length;

    /// <summary>Takes the chunk as delivered; the caller sees one start only.</summary>
    public TokenChunk Deliver(TokenChunk chunk)
    {
        var seen = started ? chunk with { Start = null } : chunk;
        started = true;
        Ended = chunk.End is not null;
        if (!chunk.Ids.IsEmpty)
            Request = Request with { Delivered = Request.Delivered.AddRange(chunk.Ids) };
        return seen;
    }
}
