using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Splitwiser.Grains;

namespace Splitwiser.Silo.Metrics;

/// <summary>Adds up what the silo's request grains measure, from the host's start on.</summary>
internal sealed class MeterTotals : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<string, Latencies> histograms = new();
    private readonly ConcurrentDictionary<(string Instrument, string Tag), long> counts = new();

    public MeterTotals(RequestMetrics metrics)
    {
        listener.InstrumentPublished = (instrument, toListener) =>
        {
            if (instrument.Meter != metrics.Meter)
                return;
            if (instrument is Histogram<double> seconds)
                histograms.TryAdd(instrument.Name, new(seconds.Advice?.HistogramBucketBoundaries ?? []));
            if (instrument is Histogram<long> sizes)
                histograms.TryAdd(instrument.Name, new([.. (sizes.Advice?.HistogramBucketBoundaries ?? []).Select(bound => (double)bound)]));
            toListener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => histograms[instrument.Name].Record(value));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (histograms.TryGetValue(instrument.Name, out var sizes))
                sizes.Record(value);
            else
                counts.AddOrUpdate((instrument.Name, tags.IsEmpty ? "" : $"{tags[0].Value}"), static (_, added) => added, static (_, total, added) => total + added, value);
        });
        listener.Start();
    }

    public long Count(string instrument) => counts.GetValueOrDefault((instrument, ""));

    /// <summary>A counter's values by the value of its tag.</summary>
    public IEnumerable<(string Tag, long Count)> CountsByTag(string instrument) =>
        from count in counts where count.Key.Instrument == instrument orderby count.Key.Tag select (count.Key.Tag, count.Value);

    public Latencies Histogram(string instrument) => histograms[instrument];

    public void Dispose() => listener.Dispose();
}
