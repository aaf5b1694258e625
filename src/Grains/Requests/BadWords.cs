using System.Collections.Immutable;

namespace Splitwiser.Grains;

/// <summary>Words that must not be in an answer, as the tokens that would write them: at a text's beginning, and behind a blank.</summary>
internal static class BadWords
{
    private const int MaxCount = 1024;
    private const int MaxLength = 1024;
    private const string Field = "bad_words";

    /// <exception cref="RequestRefusedException">There are too many, one is blank or too long, or the model has no tokenizer.</exception>
    public static ImmutableArray<ImmutableArray<int>> Of(ImmutableArray<string> words, ServedModel model)
    {
        var bad = Admission.OrEmpty(words);
        if (bad.IsEmpty) return [];
        Admission.Require(model.Tokenizer is not null, Field, $"{model.Name} has no tokenizer: {Field} need one.");
        Admission.Require(bad.Length <= MaxCount, Field, $"There are {bad.Length} {Field}; at most {MaxCount} are taken.");
        return [.. bad.SelectMany(word => Spellings(word, model))];
    }

    /// <summary>vLLM leaves the second one out where it has another number of tokens than the first, and lets such a word through.</summary>
    private static IEnumerable<ImmutableArray<int>> Spellings(string word, ServedModel model)
    {
        Admission.Require(!string.IsNullOrWhiteSpace(word), Field, $"One of the {Field} is blank.");
        Admission.Require(word.Length <= MaxLength, Field, $"One of the {Field} has {word.Length} characters; at most {MaxLength} are taken.");
        Admission.Require(Admission.IsWellFormed(word), Field, $"One of the {Field} has half of a surrogate pair.");
        var text = word.TrimStart();
        ImmutableArray<int> plain = [.. model.Tokenizer!.Encode(text, addSpecialTokens: false)];
        ImmutableArray<int> behindBlank = [.. model.Tokenizer.Encode($" {text}", addSpecialTokens: false)];
        yield return plain;
        if (!behindBlank.SequenceEqual(plain)) yield return behindBlank;
    }
}
