using Splitwiser.Grains;
using Splitwiser.Silo.Http;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Safety;

/// <summary>Refuses a text that can't fit the context before the tokenizer works on it.</summary>
internal sealed class PromptLimit(ServedModel model, SplitwiserOptions options)
{
    /// <summary>No token of a usual vocabulary covers more text than this, runs of blanks apart.</summary>
    private const int CharsPerToken = 100;

    private readonly long most = options.MaxPromptChars ?? (long)CharsPerToken * model.MaxModelLength;

    /// <exception cref="ApiException">400: the text is too long.</exception>
    public void Check(string? text)
    {
        if (text?.Length > most)
            throw ApiException.Invalid($"The prompt has {text.Length} characters; at most {most} are taken.", "prompt", "context_length_exceeded");
    }
}
