using System.Globalization;

namespace Splitwiser.Silo.Tests;

/// <summary>A scrape of /metrics, read as Prometheus reads it.</summary>
internal sealed class Metrics
{
    private readonly List<(string Name, string Labels, double Value)> samples = [];

    public Metrics(string text)
    {
        text.ShouldEndWith("\n");
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
                continue;
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var (name, type) = (line.Split(' ')[2], line.Split(' ')[3]);
                type.ShouldBeOneOf("counter", "gauge", "histogram");
                Types.ShouldNotContainKey(name);
                Types.Add(name, type);
                continue;
            }

            var end = line.LastIndexOf(' ');
            var brace = line.IndexOf('{');
            if (brace >= 0)
                line[end - 1].ShouldBe('}');
            samples.Add((line[..(brace < 0 ? end : brace)], brace < 0 ? "" : line[(brace + 1)..(end - 1)], double.Parse(line[(end + 1)..], CultureInfo.InvariantCulture)));
        }
    }

    public Dictionary<string, string> Types { get; } = [];

    public IEnumerable<string> Names => samples.Select(sample => sample.Name).Distinct();

    public static async Task<Metrics> Scrape(Api api) => new((await api.Get("metrics")).Text);

    /// <summary>The sum of a family's samples whose labels hold the text.</summary>
    public double Sum(string name, string labels = "") =>
        samples.Where(sample => sample.Name == name && sample.Labels.Contains(labels, StringComparison.Ordinal)).Sum(sample => sample.Value);

    public IReadOnlyList<double> Values(string name) => [.. samples.Where(sample => sample.Name == name).Select(sample => sample.Value)];
}
