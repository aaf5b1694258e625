using Splitwiser.Models.Tokenization.Unicode;

namespace Splitwiser.Models.Tokenization.Normalizers;

/// <summary>A step that rewrites text before it is cut into pieces.</summary>
internal abstract class Normalizer
{
    public abstract string Apply(string text);

    public static Normalizer? Read(JsonPart? given)
    {
        if (given is not { } part)
            return null;
        var type = part["type"];
        return type.Text() switch
        {
            "Sequence" => new NormalizerSequence([.. part["normalizers"].Items().Select(item => Read(item)!)]),
            "NFC" => new Rewrite(NormalForm.C.Apply),
            "NFD" => new Rewrite(NormalForm.D.Apply),
            "NFKC" => new Rewrite(NormalForm.KC.Apply),
            "NFKD" => new Rewrite(NormalForm.KD.Apply),
            "Lowercase" => new Rewrite(CharacterRewrites.Lower),
            "StripAccents" => new Rewrite(CharacterRewrites.WithoutMarks),
            "Nmt" => new Rewrite(CharacterRewrites.Nmt),
            "ByteLevel" => new Rewrite(text => ByteAlphabet.Write(text)),
            "Strip" => Strip(part["strip_left"].Flag(), part["strip_right"].Flag()),
            "Prepend" => Prepend(part["prepend"].Text()),
            "Replace" => new Replacement(part),
            _ => throw type.Wrong("a normalizer: Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Nmt, ByteLevel, Prepend or Replace"),
        };
    }

    private static Rewrite Strip(bool left, bool right) => new(text =>
    {
        text = left ? text.TrimStart() : text;
        return right ? text.TrimEnd() : text;
    });

    private static Rewrite Prepend(string prefix) => new(text => text.Length == 0 ? text : prefix + text);
}
