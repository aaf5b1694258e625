using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Splitwiser.Bench;

/// <summary>The machine's read rate: every thread sums its share of a buffer far larger than the caches.</summary>
internal static unsafe class ReadRate
{
    private const long BufferBytes = 2L << 30;

    /// <returns>Bytes per second, the best of the runs: a limit is what the machine can do at its best.</returns>
    public static double Measure(int threads, int runs)
    {
        var buffer = (byte*)NativeMemory.AlignedAlloc((nuint)BufferBytes, 64);
        try
        {
            var share = BufferBytes / threads / 1024 * 1024;
            Parallel(threads, thread => NativeMemory.Fill(buffer + thread * share, (nuint)share, 1));   // touches every page
            var best = 0.0;
            for (var run = 0; run < runs; run++)
            {
                var started = Stopwatch.GetTimestamp();
                Parallel(threads, thread => Sum(buffer + thread * share, share));
                best = Math.Max(best, threads * share / Stopwatch.GetElapsedTime(started).TotalSeconds);
            }
            return best;
        }
        finally
        {
            NativeMemory.AlignedFree(buffer);
        }
    }

    private static void Parallel(int threads, Action<int> work)
    {
        var team = Enumerable.Range(0, threads).Select(index => new Thread(() => work(index))).ToArray();
        foreach (var thread in team) thread.Start();
        foreach (var thread in team) thread.Join();
    }

    private static long Sum(byte* from, long bytes)
    {
        Vector512<long> a = default, b = default, c = default, d = default;
        for (var at = 0L; at < bytes; at += 256)
        {
            a += Vector512.LoadAligned((long*)(from + at));
            b += Vector512.LoadAligned((long*)(from + at + 64));
            c += Vector512.LoadAligned((long*)(from + at + 128));
            d += Vector512.LoadAligned((long*)(from + at + 192));
        }
        return Vector512.Sum(a + b + c + d);
    }
}
