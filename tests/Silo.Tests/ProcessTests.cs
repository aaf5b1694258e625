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
            await foreach (var item in api.Stream("v1/completions", new { prompt = "And", ignore_eos = true, max_tokens = 1500, stream = true, return_token_ids = true }))
            {
                if (ids == 0)
                    Process.Start("kill", ["-TERM", $"{process.Id}"]).Dispose();
                ids += item.Choice().TokenIds().Length;
            }

            ids.ShouldBe(1500);
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

    [Fact]
    public async Task A_client_takes_address_and_key_from_the_environment_and_pipes_no_colours()
    {
        await using var silo = await RunningSilo.StartDemo("--api-key", "sesame");
        var (code, output) = await Client(silo.Api.Address, "sesame,other", "devices");
        code.ShouldBe(0, output);
        output.ShouldContain("mode adaptive");
        output.ShouldNotContain("\e");
        (code, output) = await Client(silo.Api.Address, "wrong", "models");
        code.ShouldBe(1);
        output.ShouldContain("The API key is not valid here. (--api-key, or SPLITWISER_API_KEY)");
    }

    private static async Task<(int Code, string Output)> Client(Uri address, string key, string command)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Options.SplitwiserOptions).Assembly.Location, command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SPLITWISER_URL"] = address.ToString();
        start.Environment["SPLITWISER_API_KEY"] = key;
        start.Environment["TERM"] = "xterm-256color";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await errors);
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
