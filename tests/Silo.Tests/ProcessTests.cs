using System.Diagnostics;
using System.Text.Json;

namespace Splitwiser.Silo.Tests;

/// <summary>The host as a process of its own.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task A_process_that_is_told_to_stop_ends_its_streams_and_exits_with_0()
    {
        using var process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath is { } dotnet && Path.GetFileNameWithoutExtension(dotnet) == "dotnet" ? dotnet : "dotnet",
            [typeof(Options.SplitwiserOptions).Assembly.Location, "--model", Repository.DemoModel, "--urls", "http://127.0.0.1:0", "--num-gpu-blocks-override", "256", "--device", "cpu", "--log-format", "json"])
        { RedirectStandardOutput = true })!;
        try
        {
            using var api = new Api(await Address(process));
            var ids = 0;
            await foreach (var item in api.Stream("v1/completions", new { prompt = "And", ignore_eos = true, max_tokens = 200, stream = true, return_token_ids = true }))
            {
                if (ids == 0)
                    Process.Start("kill", ["-TERM", $"{process.Id}"]).Dispose();
                ids += item.Choice().TokenIds().Length;
            }

            ids.ShouldBe(200);
            var lines = (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n');
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            process.ExitCode.ShouldBe(0);
            var draining = lines.Where(line => line.StartsWith('{')).Select(line => JsonElement.Parse(line)).First(entry => entry.Text("Category") == "Splitwiser.Silo.Hosting.Drain");
            draining.GetProperty("State").Number("Running").ShouldBe(1);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>From the line "Serving demo at http://... ".</summary>
    private static async Task<Uri> Address(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("Serving ", StringComparison.Ordinal))
                return new Uri(line.Split(' ').First(word => word.StartsWith("http://", StringComparison.Ordinal)));
        }

        throw new InvalidOperationException("The host ended before it served.");
    }
}
