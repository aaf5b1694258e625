using System.Runtime.CompilerServices;

namespace Splitwiser.Bench;

/// <summary>Where this repository keeps model shapes and the demo model.</summary>
internal static class Shapes
{
    private static readonly string Repository = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    public static string Llama1B => Path.Combine(Repository, "benchmarks", "shapes", "llama-1b");

    public static string DemoModel => Path.Combine(Repository, "models", "demo");

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
