using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Splitwiser.Silo.Tests;

/// <summary>README.md's examples, as they stand there.</summary>
public sealed partial class ReadmeTests(DemoSilo silo)
{
    private const string Address = "http://127.0.0.1:8080";

    /// <summary>What must come from each address that an example calls.</summary>
    private static readonly Dictionary<string, Action<string>> Expected = new()
    {
        ["/v1/completions"] = answer => JsonElement.Parse(answer).Choice().Text("text").ShouldStartWith(" of the reign of Jehoiakim king of Judah"),
        ["/v1/chat/completions"] = Chat,
        ["/v1/embeddings"] = answer => JsonElement.Parse(answer).GetProperty("data").EnumerateArray().Select(vector => vector.GetProperty("embedding").GetArrayLength()).ShouldBe([256, 256]),
        ["/tokenize"] = answer => JsonElement.Parse(answer).GetProperty("token_strs").EnumerateArray().Select(token => token.GetString()).ShouldContain("Ġbeginning"),
        ["/v1/models"] = answer => JsonElement.Parse(answer).GetProperty("data")[0].Text("id").ShouldBe("demo"),
        ["/api/devices"] = answer => JsonElement.Parse(answer).GetProperty("devices")[0].Text("mode").ShouldBe("adaptive"),
    };

    [Fact]
    public async Task Every_curl_example_runs_and_is_answered()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/curl"), "There is no curl here.");
        var calls = Blocks().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), TestContext.Current.CancellationToken))
            .SelectMany(block => Calls().Matches(block.Groups[1].Value)).Select(call => call.Value).ToList();
        calls.Count.ShouldBeGreaterThan(6);
        foreach (var call in calls)
        {
            var path = Url().Match(call).Groups[1].Value;
            Expected.ShouldContainKey(path, call);
            Expected[path](await Run(call));
        }
    }

    [Fact]
    public async Task Every_command_of_the_examples_exists()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), TestContext.Current.CancellationToken);
        var commands = Commands().Matches(readme).Select(match => match.Groups[1].Value).Where(name => !name.StartsWith('-')).Distinct().ToList();
        commands.ShouldContain("serve");
        commands.ShouldContain("chat");
        var help = new StringWriter();
        await new Hosting.HostCommandLine(Spectre.Console.AnsiConsole.Create(new() { Out = new Spectre.Console.AnsiConsoleOutput(TextWriter.Null) }), help) { Output = help }.Run(["--help"], TestContext.Current.CancellationToken);
        foreach (var command in commands)
            help.ToString().ShouldMatch($@"\n  {command}\b");
    }

    /// <summary>A stream, a format's JSON, or several answers: by what the example asks for.</summary>
    private static void Chat(string answer)
    {
        if (answer.StartsWith("data: ", StringComparison.Ordinal))
        {
            answer.TrimEnd().ShouldEndWith("data: [DONE]");
            answer.ShouldContain("\"usage\":{\"prompt_tokens\"");
            return;
        }

        var choices = JsonElement.Parse(answer).GetProperty("choices");
        if (choices.GetArrayLength() == 1)
        {
            var content = JsonElement.Parse(choices[0].GetProperty("message").Text("content"));
            content.Text("name").ShouldBeOneOf("Abraham", "Jacob", "Moses");
            content.Number("year").ShouldBeInRange(0, 99);
            return;
        }

        choices.GetArrayLength().ShouldBe(2);
        choices[1].GetProperty("logprobs").GetProperty("content")[0].GetProperty("top_logprobs").GetArrayLength().ShouldBe(3);
    }

    private async Task<string> Run(string call)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", call.Replace(Address, silo.Api.Address.ToString().TrimEnd('/'))])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        bash.ExitCode.ShouldBe(0, $"{call}\n{await errors}");
        return output;
    }

    [GeneratedRegex(@"^```bash\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Blocks();

    /// <summary>From one line that begins with curl to before the next one.</summary>
    [GeneratedRegex(@"^curl .*?(?=^\w|\z)", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Calls();

    [GeneratedRegex(@"http://127\.0\.0\.1:8080(\S*)")]
    private static partial Regex Url();

    [GeneratedRegex(@"--project src/Silo -- (\S+)")]
    private static partial Regex Commands();
}
