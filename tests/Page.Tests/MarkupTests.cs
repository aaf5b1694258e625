using System.Text.RegularExpressions;
using Splitwiser.Tests;

namespace Splitwiser.Page.Tests;

/// <summary>Scripts and markup agree, read from their sources: the part of the page's tests that needs no browser.</summary>
public sealed partial class MarkupTests
{
    private static readonly string Assets = Path.Combine(Repository.Root, "src", "Silo", "Page", "Assets");
    private static readonly string Markup = File.ReadAllText(Path.Combine(Assets, "index.html"));
    private static readonly List<string> Ids = [.. Id().Matches(Markup).Select(match => match.Groups[1].Value)];

    [Fact]
    public void Every_id_of_the_page_is_there_once() => Ids.ShouldBeUnique();

    [Fact]
    public void Every_element_that_a_script_asks_for_by_id_is_in_the_page()
    {
        var asked = Directory.GetFiles(Assets, "*.js").SelectMany(file => Asked().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Distinct().ToList();
        asked.Count.ShouldBeGreaterThan(20);
        asked.Except(Ids).ShouldBeEmpty();
    }

    [Fact]
    public void Every_label_and_description_points_to_an_element_of_the_page()
    {
        var named = Reference().Matches(Markup).SelectMany(match => match.Groups[1].Value.Split(' ')).ToList();
        named.Count.ShouldBeGreaterThan(10);
        named.Except(Ids).ShouldBeEmpty();
    }

    [GeneratedRegex(@"\bid=""([^""]+)""")]
    private static partial Regex Id();

    [GeneratedRegex(@"getElementById\(""([^""]+)""\)")]
    private static partial Regex Asked();

    [GeneratedRegex(@"\b(?:for|aria-labelledby|aria-describedby|aria-controls)=""([^""]+)""")]
    private static partial Regex Reference();
}
