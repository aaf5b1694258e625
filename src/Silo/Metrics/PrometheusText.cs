using System.Globalization;
using System.Text;

namespace Splitwiser.Silo.Metrics;

/// <summary>Writes the Prometheus text format, version 0.0.4: each family with its help and type, then its samples.</summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder text = new();

    public override string ToString() => text.ToString();

    /// <param name="samples">Labels ("" for none) and value of each.</param>
    public void Gauge(string name, string help, params IEnumerable<(string Labels, double Value)> samples) => Family(name, "gauge", help, samples);

    /// <param name="name">Ends in _total.</param>
    public void Counter(string name, string help, params IEnumerable<(string Labels, double Value)> samples) => Family(name, "counter", help, samples);

    public void Histogram(string name, string help, string labels, Latencies latencies)
    {
        Head(name, "histogram", help);
        var (cumulative, sum) = latencies.Read();
        foreach (var (bound, count) in cumulative)
            Sample($"{name}_bucket", $"{labels},le=\"{Number(bound)}\"", count);
        Sample($"{name}_sum", labels, sum);
        Sample($"{name}_count", labels, cumulative[^1].Count);
    }

    /// <summary>name="value", escaped.</summary>
    public static string Label(string name, string value) =>
        $"{name}=\"{value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"";

    private void Family(string name, string type, string help, IEnumerable<(string Labels, double Value)> samples)
    {
        Head(name, type, help);
        foreach (var (labels, value) in samples)
            Sample(name, labels, value);
    }

    private void Head(string name, string type, string help) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private void Sample(string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf" : value.ToString("R", CultureInfo.InvariantCulture);
}
