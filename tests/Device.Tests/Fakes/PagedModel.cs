using Splitwiser.Models;
using Splitwiser.Models.Sampling;

namespace Splitwiser.Device.Tests;

/// <summary>The arithmetic of <see cref="PagedRunner"/>: the next token is a hash of all before it.</summary>
/// <param name="layers">They compute nothing, but a chunk can be cut into slices of them.</param>
internal sealed class PagedModel(int vocabulary, int layers = 1)
{
    public ModelConfig Config { get; } = new()
    {
        Family = ModelFamily.Llama,
        VocabularySize = vocabulary,
        HiddenSize = 8,
        IntermediateSize = 8,
        LayerCount = layers,
        HeadCount = 1,
        KvHeadCount = 1,
        HeadSize = 8,
        MaxPositions = 100_000,
        NormEpsilon = 1e-5f,
        Rope = new RopeConfig(10_000),
    };

    public const ulong Start = 14695981039346656037;

    public static ulong Absorb(ulong hash, int token) => (hash ^ (uint)token) * 1099511628211 ^ hash >> 41;

    /// <summary>The token after those absorbed; no end token before MinTokens.</summary>
    public TokenLogprob Next(ulong hash, SamplingParams sampling, int outputCount)
    {
        var state = (hash ^ sampling.Seed) * 0x9E3779B97F4A7C15;
        var token = (int)((state >> 33) % (ulong)vocabulary);
        while (outputCount < sampling.MinTokens && sampling.EndTokenIds.Contains(token)) token = (token + 1) % vocabulary;
        return new TokenLogprob(token, Logprob(token));
    }

    public static float Logprob(int token) => -(1 + token % 7) / 8f;

    /// <summary>The whole output of a request that has the device for itself.</summary>
    public List<int> Alone(IEnumerable<int> prompt, SamplingParams sampling, int count)
    {
        var hash = prompt.Aggregate(Start, Absorb);
        var output = new List<int>();
        while (output.Count < count)
        {
            var token = Next(hash, sampling, output.Count).TokenId;
            output.Add(token);
            if (sampling.EndTokenIds.Contains(token)) break;
            hash = Absorb(hash, token);
        }

        return output;
    }
}
