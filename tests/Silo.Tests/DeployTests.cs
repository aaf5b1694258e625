using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Splitwiser.Silo.Tests;

/// <summary>The files under deploy/ speak of what there is.</summary>
public sealed partial class DeployTests(DemoSilo silo)
{
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy");

    [Fact]
    public async Task Every_metric_of_the_dashboard_exists()
    {
        await silo.Api.Complete(new { prompt = "And", max_tokens = 4 });
        var metrics = await Metrics.Scrape(silo.Api);
        var dashboard = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "grafana.json"), TestContext.Current.CancellationToken));
        var expressions = dashboard.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.TryGetProperty("targets", out var targets) ? targets.EnumerateArray().Select(target => target.Text("expr")).ToArray() : [])
            .Concat(dashboard.GetProperty("templating").GetProperty("list").EnumerateArray().Where(variable => variable.Text("type") == "query").Select(variable => variable.GetProperty("query").Text("query")))
            .ToList();
        expressions.Count.ShouldBeGreaterThan(15);
        var named = expressions.SelectMany(expression => MetricName().Matches(expression).Select(match => match.Value)).Distinct().ToList();
        named.Count.ShouldBeGreaterThan(15);
        foreach (var name in named)
            metrics.Types.Keys.ShouldContain(family => name == family || name == $"{family}_bucket" || name == $"{family}_sum" || name == $"{family}_count", name);
    }

    [Theory, InlineData("splitwiser.service"), InlineData("Dockerfile")]
    public async Task Every_setting_of_the_unit_and_the_image_exists(string file)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Folder, file), TestContext.Current.CancellationToken);
        var settings = Options.Setting.All.Select(setting => setting.Name).Append("urls").ToHashSet();
        var variables = settings.Select(Options.SettingSources.VariableOf).ToHashSet();
        var used = Option().Matches(text).Select(match => match.Groups[1].Value).ToList();
        foreach (var option in used)
            settings.ShouldContain(option);
        var set = Variable().Matches(text).Select(match => match.Value).ToList();
        foreach (var variable in set)
            variables.ShouldContain(variable);
        (used.Count + set.Count).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Systemd_finds_nothing_wrong_with_the_unit()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "There is no systemd-analyze here.");
        using var folder = new TemporaryFolder();
        var unit = await File.ReadAllTextAsync(Path.Combine(Folder, "splitwiser.service"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["splitwiser.service"], unit.Replace("/usr/bin/dotnet", "/bin/true"), TestContext.Current.CancellationToken); // it looks for the program
        var (code, said) = await Run("systemd-analyze", "verify", folder["splitwiser.service"]);
        code.ShouldBe(0, said);
        said.ShouldNotContain("splitwiser.service:"); // unknown keys are only warned of
    }

    [Fact]
    public async Task The_unit_is_not_started_again_with_wrong_settings()
    {
        var unit = await File.ReadAllTextAsync(Path.Combine(Folder, "splitwiser.service"), TestContext.Current.CancellationToken);
        unit.ShouldContain($"\nRestartPreventExitStatus={Client.CommandLine.ExitCode.Usage}\n");
    }

    [Fact]
    public async Task The_image_is_healthy_when_the_silo_is()
    {
        var image = await File.ReadAllTextAsync(Path.Combine(Folder, "Dockerfile"), TestContext.Current.CancellationToken);
        var command = JsonSerializer.Deserialize<string[]>(HealthCheck().Match(image).Groups[1].Value)!;
        (await Run(command[0], [.. command[1..].Select(part => part.Replace("8080", $"{silo.Api.Address.Port}"))])).Code.ShouldBe(0);
        (await Run(command[0], [.. command[1..].Select(part => part.Replace("8080", "1"))])).Code.ShouldNotBe(0);
        (await Run(command[0], [.. command[1..].Select(part => part.Replace("8080", $"{silo.Api.Address.Port}").Replace("/health", "/nowhere"))])).Code.ShouldNotBe(0);
    }

    [Fact]
    public async Task The_image_starts_what_is_published()
    {
        var image = await File.ReadAllTextAsync(Path.Combine(Folder, "Dockerfile"), TestContext.Current.CancellationToken);
        JsonSerializer.Deserialize<string[]>(EntryPoint().Match(image).Groups[1].Value).ShouldBe(["dotnet", $"{typeof(Options.SplitwiserOptions).Assembly.GetName().Name}.dll", "serve"]);
        var project = Published().Match(image).Groups[1].Value;
        Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.csproj").Count().ShouldBe(1);
        foreach (var left in await File.ReadAllLinesAsync(Path.Combine(Folder, "Dockerfile.dockerignore"), TestContext.Current.CancellationToken))
            project.ShouldNotStartWith(left);
    }

    private static async Task<(int Code, string Said)> Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await errors);
    }

    [GeneratedRegex(@"HEALTHCHECK [^\[]*CMD (\[.*\])")]
    private static partial Regex HealthCheck();

    [GeneratedRegex(@"ENTRYPOINT (\[.*\])")]
    private static partial Regex EntryPoint();

    [GeneratedRegex(@"dotnet publish (\S+)")]
    private static partial Regex Published();

    [GeneratedRegex(@"\b(vllm:|splitwiser_|process_)\w+")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"(?<=Silo\.dll .*)--([a-z][a-z-]+)")]
    private static partial Regex Option();

    [GeneratedRegex(@"\bSPLITWISER_[A-Z_]+")]
    private static partial Regex Variable();
}
