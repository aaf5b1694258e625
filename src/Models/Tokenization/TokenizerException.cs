namespace Splitwiser.Models.Tokenization;

/// <summary>A tokenizer.json that can't be read or used: which file, where in it, what belongs there and what stands there.</summary>
public sealed class TokenizerException(string file, string jsonPath, string expected, string found, Exception? inner = null)
    : Exception($"{file}: {jsonPath}: expected {expected}, found {found}.", inner)
{
    public string File { get; } = file;

    /// <summary>Where in the file, as a JSON path ("$.model.merges[3]").</summary>
    public string JsonPath { get; } = jsonPath;

    public string Expected { get; } = expected;

    public string Found { get; } = found;
}
