using System.Text.Json;

namespace Splitwiser.Bench.Tests;

public class RecordedRunTests
{
    [Fact]
    public void A_command_is_kept_without_the_folders_of_the_machine() =>
        RecordedRun.CommandOf(["serve", "--trace", "/data/traces/conv.csv", "--results", "/tmp/out", "--config", "benchmarks/shapes/llama-1b", "--url", "http://127.0.0.1:1/"])
            .ShouldBe("Splitwiser.Bench serve --trace conv.csv --config benchmarks/shapes/llama-1b --url http://127.0.0.1:1/");

    [Fact]
    public void A_run_is_written_with_what_is_needed_to_measure_it_again()
    {
        using var folder = new TemporaryFolder();
        var path = RecordedRun.Write(folder.Path, "phases", "phases-demo", "a card", new { Worst = double.PositiveInfinity });
        var written = JsonDocument.Parse(File.ReadAllText(path)).RootElement;
        path.ShouldBe(folder["phases-demo.json"]);
        written.GetProperty("benchmark").GetString().ShouldBe("phases");
        written.GetProperty("hardware").GetString().ShouldBe("a card");
        written.GetProperty("commit").GetString().ShouldNotBeNullOrEmpty();
        written.GetProperty("command").GetString().ShouldStartWith("Splitwiser.Bench");
        written.GetProperty("measured").GetProperty("worst").GetString().ShouldBe("Infinity");
    }
}
