using System.Diagnostics;

namespace Splitwiser.Bench.Serve;

/// <summary>One load at one rate, open loop: requests are sent when they are due, whatever the servers do.</summary>
/// <param name="stopsEarly">Gives up as soon as the objective can't hold any more.</param>
internal sealed class Trial(LoadClient client, Load load, double rate, Slo slo, bool stopsEarly)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200), Progress = TimeSpan.FromSeconds(5);

    private readonly long[] due = new long[load.Requests.Count];
    private readonly bool[] answered = new bool[load.Requests.Count];       // had a first token, or ended
    private readonly List<RequestOutcome> outcomes = [];                    // guarded by itself
    private int sent, kept;

    /// <param name="bodies">One for each request.</param>
    public async Task<TrialResult> Run(string name, byte[][] bodies, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < due.Length; i++) due[i] = started + (long)(load.Requests[i].At / rate * Stopwatch.Frequency);
        var watch = Watch(name, started, over);
        var requests = await Send(bodies, over.Token);
        await Task.WhenAll(requests);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var stoppedEarly = over.IsCancellationRequested;
        await over.CancelAsync();
        await watch;
        ct.ThrowIfCancellationRequested();
        return TrialResult.Of(rate, load, outcomes, slo, seconds, stoppedEarly);
    }

    /// <summary>Requests that can't keep the objective any more.</summary>
    private int Missed(long now)
    {
        var missed = 0;
        for (var i = 0; i < Volatile.Read(ref sent); i++)
            if (!Volatile.Read(ref answered[i]) && Stopwatch.GetElapsedTime(due[i], now).TotalSeconds > slo.FirstToken) missed++;
        lock (outcomes) return missed + outcomes.Count - kept;
    }

    private async Task<List<Task>> Send(byte[][] bodies, CancellationToken ct)
    {
        List<Task> requests = new(due.Length);
        for (var i = 0; i < due.Length; i++)
        {
            var early = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due[i]);
            if (early > TimeSpan.FromMilliseconds(1)) await Task.Delay(early, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ct.IsCancellationRequested) break;
            requests.Add(One(i, bodies[i], ct));
            Volatile.Write(ref sent, i + 1);
        }

        return requests;
    }

    private async Task One(int index, byte[] body, CancellationToken ct)
    {
        var outcome = await client.Run(load.Requests[index], body, due[index], () => Volatile.Write(ref answered[index], true), ct);
        Volatile.Write(ref answered[index], true);
        lock (outcomes)
        {
            outcomes.Add(outcome);
            if (slo.IsKeptBy(outcome)) kept++;
        }
    }

    private async Task Watch(string name, long started, CancellationTokenSource over)
    {
        var told = started;
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(Look, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var (now, missed) = (Stopwatch.GetTimestamp(), Missed(Stopwatch.GetTimestamp()));
            if (Stopwatch.GetElapsedTime(told, now) >= Progress)
            {
                int ended;
                lock (outcomes) ended = outcomes.Count;
                Console.WriteLine($"    {name}, {rate:0.##}/s, {Stopwatch.GetElapsedTime(started, now).TotalSeconds:0} s: {Volatile.Read(ref sent)} of {due.Length} sent, {ended} ended, {missed} missed");
                told = now;
            }

            if (stopsEarly && missed > slo.Allowed(due.Length)) await over.CancelAsync();
        }
    }
}
