using System.Collections.Immutable;

namespace Splitwiser.Models;

/// <summary>
/// What generation_config.json says of sampling, for requests that don't say it themselves. As in vLLM only these fields
/// count; do_sample does not.
/// </summary>
public sealed record GenerationDefaults
{
    public float? Temperature { get; init; }

    /// <summary>Only the K most likely tokens; null for all (0 and -1 in the file).</summary>
    public int? TopK { get; init; }

    public float? TopP { get; init; }
    public float? MinP { get; init; }
    public float? RepetitionPenalty { get; init; }

    /// <summary>Ids of both config.json and generation_config.json, without those that the vocabulary lacks.</summary>
    public ImmutableArray<int> EosTokenIds { get; init; } = [];

    /// <param name="fields">generation_config.json; null when the folder has none.</param>
    internal static GenerationDefaults Read(JsonFields? fields, ModelConfig config) => fields is not { } file
        ? new GenerationDefaults { EosTokenIds = config.EosTokenIds }
        : new GenerationDefaults
        {
            Temperature = (float?)file.FindNumber("temperature", 0, 1e6),
            TopK = file.FindInt("top_k", -1, int.MaxValue) is > 0 and var k ? k : null,
            TopP = (float?)file.FindNumber("top_p", 0, 1),
            MinP = (float?)file.FindNumber("min_p", 0, 1),
            RepetitionPenalty = (float?)file.FindNumber("repetition_penalty", 1e-6, 1e6),
            EosTokenIds = [.. config.EosTokenIds.Union(file.TokenIds("eos_token_id", config.VocabularySize))],
        };
}
