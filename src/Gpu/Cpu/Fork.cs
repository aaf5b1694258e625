using System.Diagnostics;

namespace Splitwiser.Gpu.Cpu;

/// <summary>One lane's running kernel: whoever has time claims its parts, the lane's thread waits for the last of them.</summary>
internal sealed unsafe class Fork
{
    private static readonly long SpinTicks = Stopwatch.Frequency / 50_000;      // 20 µs

    private readonly object done = new();
    private void* kernel;
    private delegate*<void*, int, void> run;
    private long claims;            // parts << 32 | parts claimed, in one word: a claim is valid exactly if the word is unchanged
    private int finished;
    private bool isAwaited;
    private Exception? fault;       // the first part's that threw

    /// <summary>Offers a kernel; the one before is done.</summary>
    public void Begin(void* kernel, delegate*<void*, int, void> run, int parts)
    {
        this.kernel = kernel;
        this.run = run;
        finished = 0;
        Volatile.Write(ref claims, (long)parts << 32);
    }

    /// <summary>Runs one part.</summary>
    /// <returns>False when none is left to claim.</returns>
    public bool Help()
    {
        long seen;
        int parts, part;
        do
        {
            seen = Volatile.Read(ref claims);
            (parts, part) = ((int)(seen >> 32), (int)seen);
            if (part >= parts) return false;
        }
        while (Interlocked.CompareExchange(ref claims, seen + 1, seen) != seen);

        try
        {
            run(kernel, part);      // they stay until this part is finished, too
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref fault, e, null);
        }
        if (Interlocked.Increment(ref finished) == parts && Volatile.Read(ref isAwaited))
            lock (done) Monitor.Pulse(done);
        return true;
    }

    /// <summary>Waits until all parts are done. Only the lane's thread.</summary>
    /// <exception cref="DeviceFaultException">A part threw.</exception>
    public void Join()
    {
        var parts = (int)(Volatile.Read(ref claims) >> 32);
        for (var start = Stopwatch.GetTimestamp(); Volatile.Read(ref finished) < parts && Stopwatch.GetTimestamp() - start < SpinTicks;)
            Thread.SpinWait(10);
        if (Volatile.Read(ref finished) < parts) Block(parts);
        if (Interlocked.Exchange(ref fault, null) is { } first) throw new DeviceFaultException($"A CPU kernel failed: {first.Message}", first);
    }

    private void Block(int parts)
    {
        lock (done)
        {
            Volatile.Write(ref isAwaited, true);
            Interlocked.MemoryBarrier();        // who finishes last either sees the flag or has counted already
            while (Volatile.Read(ref finished) < parts) Monitor.Wait(done);
            Volatile.Write(ref isAwaited, false);
        }
    }
}
