using System.Collections.Immutable;

namespace Splitwiser.Gpu.Phases;

/// <summary>The tokens that a request keeps out of its output: all but those that it allows, and whatever would complete a bad word.</summary>
internal sealed class TokenBans
{
    private const int Width = 32;

    private readonly uint[] free;                                   // (words of the vocabulary) what may come whatever stands before it
    private readonly ImmutableArray<ImmutableArray<int>> words;     // of two tokens and more: the last is banned behind the others

    private TokenBans(uint[] free, ImmutableArray<ImmutableArray<int>> words) => (this.free, this.words) = (free, words);

    /// <summary>(words of the vocabulary) the tokens that may come whatever stands before them: bit i of word w is token 32 w + i.</summary>
    public ReadOnlyMemory<uint> Free => free;

    /// <summary>Some tokens are banned behind certain others only.</summary>
    public bool FollowsOutput => words.Length > 0;

    /// <summary>Null when the request bans nothing.</summary>
    /// <exception cref="DeviceRefusedException">Invalid: it bans everything.</exception>
    public static TokenBans? Of(PromptRequest request, int vocabularySize)
    {
        if (request.AllowedTokenIds.IsDefaultOrEmpty && request.BadWords.IsDefaultOrEmpty) return null;
        var free = new uint[(vocabularySize + Width - 1) / Width];
        if (request.AllowedTokenIds.IsDefaultOrEmpty) Fill(free, vocabularySize);
        else
            foreach (var token in request.AllowedTokenIds) free[token / Width] |= 1u << token % Width;
        foreach (var word in request.BadWords)
            if (word.Length == 1) Ban(free, word[0]);
        return free.AsSpan().IndexOfAnyExcept(0u) < 0
            ? throw new DeviceRefusedException(DeviceRefusal.Invalid, "No token is allowed that is not a bad word.")
            : new TokenBans(free, [.. request.BadWords.Where(word => word.Length > 1)]);
    }

    /// <summary>Takes out of a mask what is banned behind this output.</summary>
    public void Apply(ReadOnlySpan<int> output, Span<uint> mask)
    {
        for (var i = 0; i < mask.Length; i++) mask[i] &= free[i];
        foreach (var word in words)
            if (output.EndsWith(word.AsSpan()[..^1])) Ban(mask, word[^1]);
    }

    private static void Ban(Span<uint> mask, int token) => mask[token / Width] &= ~(1u << token % Width);

    private static void Fill(uint[] mask, int vocabularySize)
    {
        mask.AsSpan().Fill(uint.MaxValue);
        if (vocabularySize % Width is > 0 and var rest) mask[^1] = (1u << rest) - 1;
    }
}
