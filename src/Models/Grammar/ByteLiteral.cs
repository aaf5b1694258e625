namespace Splitwiser.Models.Grammar;

/// <summary>Exactly these bytes, and behind them one blank if that is allowed.</summary>
internal sealed class ByteLiteral : ByteMatcher
{
    private readonly byte[] text;
    private readonly bool blankBehind;

    public ByteLiteral(ReadOnlySpan<byte> text, bool blankBehind = false)
    {
        ArgumentOutOfRangeException.ThrowIfZero(text.Length);
        (this.text, this.blankBehind) = (text.ToArray(), blankBehind);
    }

    public override long Bytes => 64 + text.Length;

    public override int Next(int state, byte value) =>
        state < text.Length ? (text[state] == value ? state + 1 : Dead)
        : state == text.Length && blankBehind && value == (byte)' ' ? state + 1
        : Dead;

    public override bool Accepts(int state) => state >= text.Length;

    public override bool GoesOn(int state) => state < text.Length || (state == text.Length && blankBehind);
}
