using System.Globalization;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Bench.Serve;

/// <summary>A mode that a silo is started in.</summary>
/// <param name="StepTokens">Its own most tokens of a step; null for the silo's.</param>
internal sealed record ServedMode(PhaseMode Mode, int? StepTokens)
{
    public string Name => StepTokens is { } tokens ? $"{Mode}@{tokens}" : $"{Mode}";

    public IReadOnlyList<string> Arguments => ["--phase-mode", Mode.ToString().ToLowerInvariant(), .. StepTokens is { } tokens ? ["--max-num-batched-tokens", $"{tokens}"] : Array.Empty<string>()];

    /// <summary>"adaptive", or "chunked@576" with the most tokens of a step.</summary>
    /// <exception cref="BenchException">There is no such mode, or that is no number.</exception>
    public static ServedMode Parse(string text)
    {
        var parts = text.Split('@');
        if (parts.Length > 2 || !Enum.TryParse<PhaseMode>(parts[0], ignoreCase: true, out var mode) || !Enum.IsDefined(mode))
            throw new BenchException($"--modes: expected {string.Join(", ", Enum.GetNames<PhaseMode>())}, with @TOKENS for the most tokens of a step, found '{text}'");
        if (parts.Length == 1) return new ServedMode(mode, null);
        return int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var tokens) ? new ServedMode(mode, tokens) : throw new BenchException($"--modes: '{parts[1]}' is no number of tokens");
    }
}
