using System.Globalization;
using System.Text.Json.Nodes;

namespace Splitwiser.Client.CommandLine.Bench;

/// <summary>A benchmark's result as JSON, under the names of vLLM's result files where it has one.</summary>
internal static class BenchJson
{
    public static JsonObject Of(BenchResult result, string address, string? model, DateTimeOffset at)
    {
        var plan = result.Plan;
        var json = new JsonObject
        {
            ["date"] = at.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            ["server"] = address,
            ["model_id"] = model,
            ["num_prompts"] = plan.Requests,
            ["num_warmups"] = plan.WarmUps,
            ["request_rate"] = plan.Rate is { } rate ? rate : "inf",
            ["max_concurrency"] = plan.Concurrency,
            ["seed"] = plan.Seed,
            ["duration"] = result.Duration.TotalSeconds,
            ["completed"] = result.Completed,
            ["failed"] = result.Answers.Count - result.Completed,
            ["failures"] = new JsonObject(result.Failures.Select(failure => KeyValuePair.Create(failure.Reason, (JsonNode?)failure.Count))),
            ["total_input_tokens"] = result.InputTokens,
            ["total_cached_tokens"] = result.CachedTokens,
            ["total_output_tokens"] = result.OutputTokens,
            ["request_throughput"] = result.RequestsPerSecond,
            ["request_goodput"] = result.GoodPerSecond,
            ["output_throughput"] = result.OutputPerSecond,
            ["total_token_throughput"] = result.TokensPerSecond,
            ["max_concurrent_requests"] = result.MostUnderWay,
        };
        foreach (var (key, _, times) in result.Latencies)
        {
            if (times is null)
                continue;
            json[$"mean_{key}_ms"] = times.Mean;
            json[$"std_{key}_ms"] = times.Deviation;
            json[$"median_{key}_ms"] = times.Median;
            json[$"p90_{key}_ms"] = times.P90;
            json[$"p99_{key}_ms"] = times.P99;
            json[$"max_{key}_ms"] = times.Max;
        }

        return json;
    }
}
