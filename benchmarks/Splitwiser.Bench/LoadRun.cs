using System.Collections.Concurrent;
using System.Diagnostics;

namespace Splitwiser.Bench;

/// <summary>What the clients of one load saw.</summary>
/// <param name="Seconds">From the first request to the last answer's end.</param>
internal sealed record LoadRun(IReadOnlyCollection<TimedAnswer> Answers, double Seconds)
{
    /// <summary>What a client waits for that was refused: asking again at once would only take processor time from those who were let in.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Processor seconds that the silo took, and the clients.</summary>
    public (double Silo, double Clients) Cost { get; init; }

    public double[] Firsts { get; } = [.. Answers.Where(answer => !answer.IsRefused).Select(answer => answer.Seconds).Order()];
    public double[] Refusals { get; } = [.. Answers.Where(answer => answer.IsRefused).Select(answer => answer.Seconds).Order()];
    public double TokensPerSecond => Answers.Sum(answer => answer.Tokens) / Seconds;
    public double RequestsPerSecond => Firsts.Length / Seconds;

    public static double Percentile(double[] sorted, double share) =>
        sorted.Length == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];

    /// <summary>So many clients, each of which sends its next request when its last was answered: what the silo can do.</summary>
    public static async Task<LoadRun> Closed(HttpClient http, Func<TimedRequest> next, int clients, TimeSpan duration, CancellationToken ct)
    {
        var answers = new ConcurrentQueue<TimedAnswer>();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(started) < duration)
            {
                TimedRequest request;
                lock (next) request = next();
                var answer = await request.Send(http, ct);
                answers.Enqueue(answer);
                if (answer.IsRefused) await Task.Delay(Pause, ct);
            }
        }));
        return new([.. answers], Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>Requests come at random (Poisson), however many are open.</summary>
    public static async Task<LoadRun> Open(HttpClient http, Func<TimedRequest> next, double perSecond, TimeSpan duration, Random random, CancellationToken ct)
    {
        List<Task<TimedAnswer>> answers = [];
        var started = Stopwatch.GetTimestamp();
        for (var due = 0.0; due < duration.TotalSeconds; due -= Math.Log(1 - random.NextDouble()) / perSecond)
        {
            var ahead = due - Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (ahead > 0.001) await Task.Delay(TimeSpan.FromSeconds(ahead), ct);
            var request = next();
            answers.Add(Task.Run(() => request.Send(http, ct), ct));
        }

        await Task.WhenAll(answers);
        return new([.. answers.Select(answer => answer.Result)], Stopwatch.GetElapsedTime(started).TotalSeconds);
    }
}
