namespace Splitwiser.Models.Tokenization.Decoders;

/// <summary>Decoders one after the other.</summary>
internal sealed class DecoderSequence(IReadOnlyList<TokenDecoder> steps) : TokenDecoder
{
    public override TokenSink Open(TokenSink next) => steps.Reverse().Aggregate(next, (sink, step) => step.Open(sink));

    public override byte[]? Bytes(ref string token)
    {
        foreach (var step in steps)
        {
            if (step.Bytes(ref token) is { } bytes)
                return bytes;
        }

        return null;
    }
}
