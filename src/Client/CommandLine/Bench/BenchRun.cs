using Splitwiser.Client.CommandLine.Servers;

namespace Splitwiser.Client.CommandLine.Bench;

/// <summary>Sends the requests of a benchmark and times their answers.</summary>
internal sealed class BenchRun(IServer server, BenchPlan plan, TimeProvider time)
{
    private int underWay;

    /// <summary>Most requests that were under way at a time.</summary>
    public int MostUnderWay { get; private set; }

    /// <summary>From the first request to the end of the last.</summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>One after another, so that nothing is cold; throws what the server has against them.</summary>
    public async Task WarmUp(IEnumerable<BenchPrompt> prompts, CancellationToken ct)
    {
        foreach (var prompt in prompts)
        {
            await foreach (var _ in server.Generate(plan.Request(prompt), ct))
            {
            }
        }
    }

    /// <param name="ended">Told of each answer.</param>
    public async Task<IReadOnlyList<BenchAnswer>> Measure(IReadOnlyList<BenchPrompt> prompts, Action<BenchAnswer> ended, CancellationToken ct)
    {
        using var places = new SemaphoreSlim(plan.Concurrency ?? prompts.Count);
        var start = time.GetTimestamp();
        List<Task<BenchAnswer>> answers = [];
        foreach (var (prompt, at) in prompts.Zip(Arrivals.At(plan.Rate, prompts.Count, plan.Seed)))
        {
            var wait = at - time.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, time, ct);
            await places.WaitAsync(ct);
            answers.Add(Task.Run(() => One(prompt, places, ended, ct), ct));
        }

        var all = await Task.WhenAll(answers);
        Duration = time.GetElapsedTime(start);
        return all;
    }

    private async Task<BenchAnswer> One(BenchPrompt prompt, SemaphoreSlim places, Action<BenchAnswer> ended, CancellationToken ct)
    {
        lock (places)
            MostUnderWay = Math.Max(MostUnderWay, ++underWay);
        try
        {
            var answer = await Timed(prompt, ct);
            ended(answer);
            return answer;
        }
        finally
        {
            lock (places)
                underWay--;
            places.Release();
        }
    }

    private async Task<BenchAnswer> Timed(BenchPrompt prompt, CancellationToken ct)
    {
        var clock = new AnswerClock(time);
        var start = time.GetTimestamp();
        try
        {
            AnswerEnd? end = null;
            await foreach (var piece in server.Generate(plan.Request(prompt), ct))
            {
                clock.Saw(piece.Tokens);
                end = piece.End ?? end;
            }

            if (clock.FirstToken is not { } first)
                return new() { Failure = "no token", FailureMessage = "The answer ended before its first token." };
            return new()
            {
                InputTokens = end?.Usage.Prompt ?? prompt.TokenIds.Length,
                CachedTokens = end?.Usage.Cached ?? 0,
                OutputTokens = end?.Usage.Completion ?? clock.Tokens,
                FirstToken = first,
                Total = time.GetElapsedTime(start),
                Gaps = [.. clock.Gaps],
            };
        }
        catch (Exception e) when (ServerFailure.KindOf(e) is { } kind)
        {
            return new() { Failure = kind, FailureMessage = ServerFailure.Of(e, server.Address), Total = time.GetElapsedTime(start) };
        }
    }
}
