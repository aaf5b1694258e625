using System.Xml.Linq;
using Splitwiser.Bench.Charts;

namespace Splitwiser.Bench.Tests;

public class SvgChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static readonly SvgChart Chart = new("Prompts < 2k & \"more\"", "time (ms)", "tokens/s",
        [new Series("Chunked", [(10, 1000), (20, 2500), (double.NaN, 3000)]), new Series("Streams", [(15, 2000)])],
        [new Limit("alone", 3000, IsVertical: false), new Limit("alone", 8, IsVertical: true)]);

    [Fact]
    public void A_chart_is_well_formed_and_keeps_its_texts()
    {
        var read = XDocument.Parse(Chart.Draw().ToString());
        read.Root!.Name.ShouldBe(Svg + "svg");
        read.Root.Elements(Svg + "text").Select(text => text.Value).ShouldContain("Prompts < 2k & \"more\"");
        read.Descendants(Svg + "polyline").Single().Attribute("points")!.Value.Split(' ').Length.ShouldBe(2);      // the point that is none is left out
        read.Descendants(Svg + "path").Count().ShouldBe(2 + 1 + 2);      // points, and the legend's marks
    }

    [Fact]
    public void Every_point_lies_inside_the_picture()
    {
        foreach (var pair in Chart.Draw().Descendants(Svg + "polyline").Single().Attribute("points")!.Value.Split(' '))
        {
            var numbers = pair.Split(',').Select(number => double.Parse(number, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            numbers[0].ShouldBeInRange(0, 860);
            numbers[1].ShouldBeInRange(0, 520);
        }
    }

    [Fact]
    public void Its_colours_follow_the_readers_light_or_dark_setting()
    {
        var style = Chart.Draw().Descendants(Svg + "style").Single().Value;
        style.ShouldContain("prefers-color-scheme: dark");
        foreach (var name in new[] { "--paper", "--ink", "--grid", "--c0", "--c6" }) style.Split(name + ":").Length.ShouldBe(3, name);     // defined for both
    }

    [Fact]
    public void A_chart_without_points_still_draws() => new SvgChart("", "x", "y", [], []).Draw().Descendants(Svg + "line").ShouldNotBeEmpty();

    [Theory]
    [InlineData(0.37, 0.4, 0.1)]
    [InlineData(12, 12, 2)]
    [InlineData(45_000, 50_000, 10_000)]
    [InlineData(0, 1, 0.2)]
    public void An_axis_has_round_numbers(double greatest, double most, double step)
    {
        var axis = Axis.For("", [greatest]);
        axis.Most.ShouldBe(most, 1e-9);
        axis.Step.ShouldBe(step, 1e-9);
        axis.Values.Last().ShouldBe(most, 1e-9);
    }
}
