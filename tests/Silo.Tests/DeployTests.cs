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

    [GeneratedRegex(@"\b(vllm:|splitwiser_|process_)\w+")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"(?<=Silo\.dll .*)--([a-z][a-z-]+)")]
    private static partial Regex Option();

    [GeneratedRegex(@"\bSPLITWISER_[A-Z_]+")]
    private static partial Regex Variable();
}
