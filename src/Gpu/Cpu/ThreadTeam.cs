using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Splitwiser.Gpu.Cpu;

/// <summary>
/// The threads that compute. A lane's own thread always works on its kernels itself, so each lane goes on whatever the other does;
/// workers help whichever lane has parts left, half of them looking at the decode lane first, half at the prefill lane. While both
/// lanes are in a step the last worker sits on the bench, so that no more than the given number of threads run.
/// </summary>
/// <remarks>
/// Parts are claimed one by one with a compare-and-swap, which evens out unequal parts and interrupted threads. Waiting spins
/// briefly, then gives the core away, then blocks, so that a machine with fewer free cores than threads is not worn down.
/// </remarks>
internal sealed unsafe class ThreadTeam : IDisposable
{
    private static readonly long SpinTicks = Stopwatch.Frequency / 50_000;      // 20 µs: the gap between two kernels of a step
    private static readonly long YieldTicks = Stopwatch.Frequency / 5_000;      // 200 µs: the gap between two steps

    private readonly Fork[] forks = [new(), new()];     // by lane
    private readonly Thread[] workers;                  // (threads - 1)
    private readonly object asleep = new();             // workers without work wait here
    private readonly object bench = new();              // the last worker waits here while both lanes are in a step
    private int sleepers;
    private int activeLanes;
    private long forkCount;
    private volatile bool stopped;

    public ThreadTeam(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        workers = new Thread[threads - 1];
        for (var i = 0; i < workers.Length; i++)
        {
            var (preferred, other, isLast) = (forks[(i + 1) % 2], forks[i % 2], i == workers.Length - 1);
            workers[i] = new Thread(() => Work(preferred, other, isLast)) { IsBackground = true, Name = $"cpu worker {i}" };
            workers[i].Start();
        }
    }

    /// <summary>A lane begins a step.</summary>
    public void Enter() => Interlocked.Increment(ref activeLanes);

    /// <summary>A lane ended a step.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref activeLanes) == 0) return;
        lock (bench) Monitor.PulseAll(bench);
    }

    /// <summary>Runs all parts of the kernel; returns when all are done. A lane runs one kernel at a time.</summary>
    /// <exception cref="DeviceFaultException">A part threw.</exception>
    public void Run<TKernel>(Lane lane, TKernel kernel) where TKernel : struct, IKernel
    {
        var parts = kernel.Parts;
        var fork = forks[(int)lane];
        // The kernel is this method's own copy: it lies on the stack, where it can't move, until every part is done.
        fork.Begin(Unsafe.AsPointer(ref kernel), &Invoke<TKernel>, parts);
        if (parts > 1 && workers.Length > 0)
        {
            Interlocked.Increment(ref forkCount);
            if (Volatile.Read(ref sleepers) > 0)
                lock (asleep) Monitor.PulseAll(asleep);
        }
        while (fork.Help()) { }
        fork.Join();
    }

    public void Dispose()
    {
        stopped = true;
        lock (asleep) Monitor.PulseAll(asleep);
        lock (bench) Monitor.PulseAll(bench);
        foreach (var worker in workers) worker.Join();
    }

    private static void Invoke<TKernel>(void* kernel, int part) where TKernel : struct, IKernel => Unsafe.AsRef<TKernel>(kernel).Part(part);

    private bool IsBenched => Volatile.Read(ref activeLanes) >= forks.Length && !stopped;

    private void Work(Fork preferred, Fork other, bool isLast)
    {
        while (!stopped)
        {
            var seen = Volatile.Read(ref forkCount);
            if (isLast && IsBenched) SitOut();
            else if (!(preferred.Help() || other.Help()) && !SpinUntilFork(seen)) SleepUntilFork(seen);
        }
    }

    private void SitOut()
    {
        lock (bench)
            while (IsBenched) Monitor.Wait(bench);
    }

    private bool SpinUntilFork(long seen)
    {
        for (var start = Stopwatch.GetTimestamp(); ;)
        {
            if (Volatile.Read(ref forkCount) != seen) return true;
            var waited = Stopwatch.GetTimestamp() - start;
            if (waited > YieldTicks) return false;
            if (waited > SpinTicks) Thread.Yield();
            else Thread.SpinWait(10);
        }
    }

    private void SleepUntilFork(long seen)
    {
        lock (asleep)
        {
            Interlocked.Increment(ref sleepers);        // before the last look: who forks after it sees a sleeper
            while (Volatile.Read(ref forkCount) == seen && !stopped) Monitor.Wait(asleep);
            Interlocked.Decrement(ref sleepers);
        }
    }
}
