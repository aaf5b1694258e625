using System.Globalization;

namespace Splitwiser.Bench.Serve;

/// <summary>Lengths in tokens, each as likely as the others.</summary>
internal readonly record struct LengthRange(int Least, int Most)
{
    /// <summary>"128..896", or "200" for one length.</summary>
    /// <exception cref="BenchException">It is written otherwise.</exception>
    public static LengthRange Parse(string option, string text)
    {
        var parts = text.Split("..");
        return parts.Length <= 2 && TryRead(parts[0], out var least) && TryRead(parts[^1], out var most) && least <= most ? new LengthRange(least, most)
            : throw new BenchException($"{option}: expected a number of tokens or LEAST..MOST, found '{text}'");
    }

    public int Draw(Random random) => random.Next(Least, Most + 1);

    private static bool TryRead(string text, out int tokens) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out tokens) && tokens >= 1;
}
