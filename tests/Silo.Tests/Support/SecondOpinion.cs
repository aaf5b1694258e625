using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Splitwiser.Silo.Tests;

/// <summary>ajv, a JSON Schema validator of other people, run by node: tests/fetch-ajv.sh fetches it.</summary>
internal static class SecondOpinion
{
    public const string Valid = "valid";

    private static readonly string Installed = Path.Combine(Repository.Root, ".external", "ajv");
    private static readonly string Script = Path.Combine(Repository.Root, "tests", "ajv", "check.cjs");
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private static readonly Lazy<string?> Missing = new(FindMissing);

    /// <summary>Skips the test where there is none; fails it in continuous integration, which fetches it.</summary>
    public static void Require()
    {
        if (Missing.Value is not { } missing)
            return;
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(missing);
        Assert.Skip(missing);
    }

    /// <summary>"valid" for each text that is JSON of its schema, otherwise why it is not.</summary>
    public static async Task<IReadOnlyList<string>> On(IReadOnlyList<(string Schema, string Text)> cases, CancellationToken ct)
    {
        using var node = Node(Script, Installed);
        var asking = Task.Run(async () =>
        {
            foreach (var (schema, text) in cases)
                await node.StandardInput.WriteLineAsync($"{{\"schema\":{schema},\"text\":{JsonSerializer.Serialize(text)}}}".AsMemory(), ct);
            node.StandardInput.Close();
        }, ct);
        List<string> verdicts = [];
        while (await node.StandardOutput.ReadLineAsync(ct) is { } line)
            verdicts.Add(JsonSerializer.Deserialize<string>(line)!);
        await asking;
        await node.WaitForExitAsync(ct);
        node.ExitCode.ShouldBe(0);
        verdicts.Count.ShouldBe(cases.Count);
        return verdicts;
    }

    private static Process Node(params string[] arguments) => Process.Start(new ProcessStartInfo("node", arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        StandardInputEncoding = Utf8,
        StandardOutputEncoding = Utf8,
    })!;

    private static string? FindMissing()
    {
        if (!Directory.Exists(Path.Combine(Installed, "node_modules", "ajv")))
            return "ajv is not there: tests/fetch-ajv.sh fetches it.";
        try
        {
            using var node = Node("--version");
            node.WaitForExit();
            return node.ExitCode == 0 ? null : "node does not run.";
        }
        catch (Win32Exception)
        {
            return "node is not installed: ajv needs it.";
        }
    }
}
