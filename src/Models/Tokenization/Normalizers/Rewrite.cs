namespace Splitwiser.Models.Tokenization.Normalizers;

/// <summary>A normalizer that is one function.</summary>
internal sealed class Rewrite(Func<string, string> apply) : Normalizer
{
    public override string Apply(string text) => apply(text);
}
