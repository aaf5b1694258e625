using System.Collections.Immutable;
using System.Diagnostics.Metrics;

namespace Splitwiser.Grains.Tests;

public sealed class RequestMetricsTests : IDisposable
{
    private readonly RequestMetrics metrics = new();
    private readonly MeterListener listener = new();
    private readonly Dictionary<string, double> sums = [];
    private readonly Dictionary<string, int> counts = [];

    public RequestMetricsTests()
    {
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter == metrics.Meter) own.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
    }

    [Fact]
    public async Task A_finished_answer_is_measured_once_with_every_token()
    {
        var end = new GenerationEnd(FinishReason.Length, new(7, 3, 4), null, null,
            new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(9), 2));
        (await Read(metrics.Observe(Chunks([1], [2, 3], [4]), CancellationToken.None))).ShouldBe(4);
        sums["splitwiser.generation_tokens"].ShouldBe(4);
        counts["splitwiser.time_to_first_token"].ShouldBe(1);
        counts["splitwiser.inter_token_latency"].ShouldBe(3);
        sums["splitwiser.requests_finished:Length"].ShouldBe(1);
        sums["splitwiser.request_latency"].ShouldBe(9);
        sums["splitwiser.request_queue_time"].ShouldBe(1);
        sums["splitwiser.request_prefill_time"].ShouldBe(2);
        sums["splitwiser.request_decode_time"].ShouldBe(5);
        sums["splitwiser.prompt_tokens"].ShouldBe(7);
        sums["splitwiser.cached_prompt_tokens"].ShouldBe(3);
        sums["splitwiser.request_failovers"].ShouldBe(1);
        sums["splitwiser.requests_running"].ShouldBe(0);
        sums.ShouldNotContainKey("splitwiser.requests_cancelled");

        async IAsyncEnumerable<TokenChunk> Chunks(params int[][] ids)
        {
            await Task.CompletedTask;
            for (var i = 0; i < ids.Length; i++)
                yield return new() { FirstIndex = 0, Ids = [.. ids[i]], End = i == ids.Length - 1 ? end : null };
        }
    }

    [Fact]
    public async Task Refused_lost_broken_and_left_requests_are_told_apart()
    {
        await Should.ThrowAsync<RequestRefusedException>(Read(metrics.Observe(Failing(new RequestRefusedException(RefusalReason.QueueFull, "")))));
        await Should.ThrowAsync<RequestLostException>(Read(metrics.Observe(Failing(new RequestLostException(LossReason.ConsumerIdle, "")))));
        await Should.ThrowAsync<InvalidOperationException>(Read(metrics.Observe(Failing(new InvalidOperationException()))));
        await Should.ThrowAsync<OperationCanceledException>(Read(metrics.Observe(Failing(new OperationCanceledException()))));
        await foreach (var chunk in metrics.Observe(Failing(new InvalidOperationException("not reached")))) break;
        sums["splitwiser.requests_refused:QueueFull"].ShouldBe(1);
        sums["splitwiser.requests_failed:ConsumerIdle"].ShouldBe(1);
        sums["splitwiser.requests_failed:Fault"].ShouldBe(1);
        sums["splitwiser.requests_cancelled"].ShouldBe(2);
        sums["splitwiser.requests_running"].ShouldBe(0);
    }

    public void Dispose()
    {
        listener.Dispose();
        metrics.Dispose();
    }

    private static async IAsyncEnumerable<TokenChunk> Failing(Exception error)
    {
        await Task.CompletedTask;
        yield return new() { FirstIndex = 0, Ids = [1] };
        throw error;
    }

    private static async Task<int> Read(IAsyncEnumerable<TokenChunk> answer)
    {
        var tokens = 0;
        await foreach (var chunk in answer) tokens += chunk.Ids.Length;
        return tokens;
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = tags.Length > 0 ? $"{instrument.Name}:{tags[0].Value}" : instrument.Name;
        sums[name] = sums.GetValueOrDefault(name) + value;
        counts[name] = counts.GetValueOrDefault(name) + 1;
    }
}
