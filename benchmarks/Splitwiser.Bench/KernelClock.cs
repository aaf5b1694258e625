using Splitwiser.Gpu.Cuda;

namespace Splitwiser.Bench;

/// <summary>Times launches on one stream with device events: warm, then the median of several samples, each long enough for the clock.</summary>
internal sealed class KernelClock(CudaDevice device, int samples) : IDisposable
{
    private const double SampleSeconds = 2e-3;

    private readonly CudaEvent start = new(timed: true), end = new(timed: true);

    public CudaDevice Device => device;
    public CudaStream Stream { get; } = new();

    /// <summary>Seconds of one launch.</summary>
    public double Median(Action launch)
    {
        for (var i = 0; i < 3; i++) launch();
        var launches = Math.Clamp((int)(SampleSeconds / Once(launch, 3)), 3, 200);
        return Bench.Median.Of(Enumerable.Range(0, samples).Select(_ => Once(launch, launches)));
    }

    /// <summary>Seconds of a launch on each of two streams, when they run beside each other.</summary>
    public double MedianOfTwo(CudaStream first, Action launchFirst, CudaStream second, Action launchSecond)
    {
        const int times = 20;
        double Both()
        {
            start.Record(first);
            second.WaitFor(start);
            for (var i = 0; i < times; i++)
            {
                launchFirst();
                launchSecond();
            }
            using var last = new CudaEvent();
            last.Record(second);
            first.WaitFor(last);
            end.Record(first);
            end.Wait();
            return end.Since(start).TotalSeconds / times;
        }

        Both();
        return Bench.Median.Of(Enumerable.Range(0, samples).Select(_ => Both()));
    }

    /// <summary>Keeps the card busy until its clocks are those of sustained work.</summary>
    public void Warm(Action launch, double seconds)
    {
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds < seconds) Once(launch, 20);
    }

    public void Dispose()
    {
        start.Dispose();
        end.Dispose();
        Stream.Dispose();
    }

    private double Once(Action launch, int times)
    {
        start.Record(Stream);
        for (var i = 0; i < times; i++) launch();
        end.Record(Stream);
        end.Wait();
        return end.Since(start).TotalSeconds / times;
    }
}
