using System.Runtime.CompilerServices;

namespace Splitwiser.Tests;

/// <summary>Folders of this repository, found from where the tests' sources were compiled, or named by SPLITWISER_ROOT where tests run elsewhere.</summary>
internal static class Repository
{
    public static string Root { get; } = Environment.GetEnvironmentVariable("SPLITWISER_ROOT") ?? Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    public static string DemoModel => Path.Combine(Root, "models", "demo");

    public static string Fixture(string name) => Path.Combine(Root, "tests", "fixtures", name);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
