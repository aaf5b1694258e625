using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Splitwiser.Silo.Tests;

public sealed class TracingTests(DemoSilo demo)
{
    [Fact]
    public async Task One_trace_follows_a_request_from_the_caller_through_its_grain_and_phases()
    {
        var trace = ActivityTraceId.CreateRandom();
        ConcurrentQueue<Activity> spans = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Splitwiser" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == trace)
                    spans.Enqueue(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(demo.Api.Address, "v1/completions"))
        {
            Headers = { { "traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01" } },
            Content = new StringContent("""{"prompt": "In the beginning", "max_tokens": 5, "temperature": 0}""", Encoding.UTF8, "application/json"),
        };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Settles.Becomes("all spans have ended", () => Task.FromResult(spans.Count >= 6));

        var named = spans.ToDictionary(span => span.OperationName);
        var (root, prefill, decode) = (named["splitwiser.request"], named["splitwiser.prefill"], named["splitwiser.decode"]);
        root.ParentSpanId.ShouldBe(named["Microsoft.AspNetCore.Hosting.HttpRequestIn"].SpanId);
        prefill.ParentSpanId.ShouldBe(root.SpanId);
        decode.ParentSpanId.ShouldBe(root.SpanId);
        named["splitwiser.device.queue"].ParentSpanId.ShouldBe(prefill.SpanId);
        named["splitwiser.device.prefill"].ParentSpanId.ShouldBe(prefill.SpanId);
        root.GetTagItem("gen_ai.usage.input_tokens").ShouldBe(4);
        root.GetTagItem("gen_ai.usage.output_tokens").ShouldBe(5);
        decode.GetTagItem("splitwiser.tokens_so_far").ShouldBe(5);
        prefill.GetTagItem("splitwiser.device").ShouldBe(decode.GetTagItem("splitwiser.device"));
        spans.ShouldAllBe(span => span.Status == ActivityStatusCode.Unset);
        named["splitwiser.device.prefill"].StartTimeUtc.ShouldBeGreaterThanOrEqualTo(named["splitwiser.device.queue"].StartTimeUtc);
    }

    [Fact]
    public async Task Spans_reach_the_collector_that_is_set()
    {
        ConcurrentQueue<byte[]> received = [];
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var collector = builder.Build();
        collector.MapPost("/v1/traces", async (HttpRequest posted) =>
        {
            using var body = new MemoryStream();
            await posted.Body.CopyToAsync(body);
            received.Enqueue(body.ToArray());
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);
        await using (var silo = await RunningSilo.StartDemo("--otlp-traces-endpoint", collector.Urls.First()))
            await silo.Api.Complete(new { prompt = "And", max_tokens = 2 });
        var sent = received.SelectMany(body => Encoding.Latin1.GetString(body)).ToArray(); // protobuf holds its texts as they are
        foreach (var name in new[] { "splitwiser.request", "splitwiser.device.queue", "splitwiser.device.prefill", "splitwiser.decode", "service.name" })
            new string(sent).ShouldContain(name);
    }
}
