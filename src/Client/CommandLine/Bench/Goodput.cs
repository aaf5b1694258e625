using System.Globalization;

namespace Splitwiser.Client.CommandLine.Bench;

/// <summary>What a request has to keep to count as good, in milliseconds; null for no limit.</summary>
internal sealed record Goodput(double? Ttft, double? Tpot, double? E2e)
{
    public bool Holds(BenchAnswer answer) =>
        answer.Failure is null
        && answer.FirstToken.TotalMilliseconds <= (Ttft ?? double.PositiveInfinity)
        && (answer.PerToken?.TotalMilliseconds ?? 0) <= (Tpot ?? double.PositiveInfinity)
        && answer.Total.TotalMilliseconds <= (E2e ?? double.PositiveInfinity);

    /// <summary>From "ttft:200", "tpot:50", "e2e:2000"; false when that is no limit.</summary>
    public static bool TryRead(IEnumerable<string> texts, out Goodput? limits)
    {
        limits = null;
        foreach (var text in texts)
        {
            var parts = text.Split(':');
            if (parts.Length != 2 || !double.TryParse(parts[1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds))
                return false;
            limits ??= new(null, null, null);
            switch (parts[0])
            {
                case "ttft": limits = limits with { Ttft = milliseconds }; break;
                case "tpot": limits = limits with { Tpot = milliseconds }; break;
                case "e2e" or "e2el": limits = limits with { E2e = milliseconds }; break;
                default: return false;
            }
        }

        return true;
    }
}
