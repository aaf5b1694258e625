using System.Text.RegularExpressions;
using Splitwiser.Tests;

namespace Splitwiser.Grains.Tests;

/// <summary>docs/request-path.md names methods; this keeps it from going stale.</summary>
public sealed partial class RequestPathTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "request-path.md"));

    [Fact]
    public void Every_arrow_is_a_method_of_the_sources()
    {
        var arrows = Page.Split('\n').Where(line => line.Contains(">>", StringComparison.Ordinal)).ToList();
        arrows.Count.ShouldBeGreaterThan(20);
        foreach (var arrow in arrows) Arrow().IsMatch(arrow).ShouldBeTrue($"not an arrow with a method: {arrow}");
        foreach (Match arrow in Arrow().Matches(Page)) ShouldExist(arrow.Groups["type"].Value, arrow.Groups["method"].Value);
    }

    [Fact]
    public void Every_member_that_the_text_names_is_in_the_sources()
    {
        var members = Member().Matches(Page);
        members.Count.ShouldBeGreaterThan(8);
        foreach (Match member in members) ShouldExist(member.Groups["type"].Value, member.Groups["method"].Value);
    }

    private static void ShouldExist(string type, string method)
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(File.ReadAllText).Where(source => Regex.IsMatch(source, $@"\b(class|struct|record|interface) {type}\b")).ToList();
        sources.ShouldNotBeEmpty($"no type {type}");
        sources.ShouldContain(source => Regex.IsMatch(source, $@"^    (public|internal|private|protected).*\b{method}(<\w+>)?\(", RegexOptions.Multiline), $"{type} has no method {method}");
    }

    [GeneratedRegex(@"^\s+\w+-?->>\w+: (?<type>\w+)\.(?<method>\w+)$", RegexOptions.Multiline)]
    private static partial Regex Arrow();

    [GeneratedRegex(@"`(?<type>[A-Z]\w+)\.(?<method>[A-Z]\w+)`")]
    private static partial Regex Member();
}
