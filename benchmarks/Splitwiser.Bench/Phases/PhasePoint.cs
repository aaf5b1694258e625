using System.Globalization;
using System.Text.RegularExpressions;

namespace Splitwiser.Bench.Phases;

/// <summary>An operating point: prompts of one length while so many sequences decode at a context.</summary>
/// <param name="Bound">The time between tokens at which modes are compared, in milliseconds; null for none of its own.</param>
internal sealed partial record PhasePoint(int Prompt, int Decodes, int Context, double? Bound)
{
    public string Name => $"{Prompt}+{Decodes}x{Context}";

    public string Description => $"prompts of {Prompt}, {Decodes} sequences at {Context}";

    /// <summary>"2048+64x1024", or with a bound "2048+64x1024@16.3".</summary>
    /// <exception cref="BenchException">It is written otherwise, or a number is 0.</exception>
    public static PhasePoint Parse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success) throw new BenchException($"--points: expected PROMPT+SEQUENCESxCONTEXT or PROMPT+SEQUENCESxCONTEXT@MILLISECONDS, as in 2048+64x1024@16.3, found '{text}'");
        int Number(string group) => int.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : throw new BenchException($"--points: a number of '{text}' is out of range");
        return new PhasePoint(Number("prompt"), Number("decodes"), Number("context"), match.Groups["bound"].Success ? double.Parse(match.Groups["bound"].ValueSpan, CultureInfo.InvariantCulture) : null);
    }

    [GeneratedRegex(@"^(?<prompt>\d+)\+(?<decodes>\d+)x(?<context>\d+)(@(?<bound>\d+(\.\d+)?))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
