using System.Text.Json;

namespace Splitwiser.Silo.Tests.Safety;

public sealed class HostileTests
{
    private const int AtATime = 16;
    private const int Unread = 50_000; // bytes; what is refused before it was read may reset the connection before its answer is read
    private const int Pieces = 6; // of slow ones
    private const long SpareMemory = 48 << 20; // buffers that are kept for later

    [Fact]
    public Task A_few_hundred_hostile_requests_do_no_harm() => DoNoHarm(count: 400, seed: 1);

    [Fact, Trait("Category", "Long")]
    public Task Ten_thousand_hostile_requests_do_no_harm() => DoNoHarm(count: 10_000, seed: 2);

    /// <summary>Nothing is answered with a 5xx, refusals have OpenAI's shape, no page and no memory stays behind, and the silo serves on.</summary>
    private static async Task DoNoHarm(int count, int seed)
    {
        await using var silo = await RunningSilo.StartDemo("--max-body-bytes", "100000");
        var address = silo.Api.Address;
        await Run(address, 200, seed + 100); // so that what is made once is there before it is counted
        await Settles.AllPagesAreBack(silo.Api);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var statuses = await Run(address, count, seed);
        await Settles.AllPagesAreBack(silo.Api);
        await Settles.Becomes("no request is left", async () => (await silo.Api.Get("api/live")).Success().GetProperty("requests").GetArrayLength() == 0);
        await Settles.Becomes("memory is back", () => Task.FromResult(GC.GetTotalMemory(forceFullCollection: true) < before + SpareMemory));
        TestContext.Current.SendDiagnosticMessage($"{count} requests: {(GC.GetTotalMemory(forceFullCollection: true) - before) >> 10} KiB more than before");

        statuses.Count(answer => answer.Status is >= 400 and < 500).ShouldBeGreaterThan(count / 2);
        statuses.Select(answer => answer.Kind).Distinct().Count().ShouldBe(Enum.GetValues<HostileKind>().Length);
        statuses.Where(answer => answer.Kind is HostileKind.Deep or HostileKind.BadUtf8).ShouldAllBe(answer => answer.Status == 400);
        (await Metrics.Scrape(silo.Api)).Sum("splitwiser_requests_failed_total").ShouldBe(0);
        (await silo.Api.Complete(new { prompt = "In the beginning", temperature = 0, max_tokens = 8 })).Choice().Text("text").ShouldBe(" of the reign of Jehoiakim king of Judah");
    }

    private static async Task<IReadOnlyList<(HostileKind Kind, int Status)>> Run(Uri address, int count, int seed)
    {
        var hostile = new HostileRequests(seed);
        var requests = Enumerable.Range(0, count).Select(_ => hostile.Next()).ToList();
        var statuses = new int[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = TestContext.Current.CancellationToken }, async (i, _) =>
        {
            if (requests[i].Kind == HostileKind.Abandoned)
                await RawRequest.Abandon(address, requests[i].Bytes);
            else
                statuses[i] = await Checked(address, requests[i]);
        });
        return [.. requests.Zip(statuses, (request, status) => (request.Kind, status))];
    }

    private static async Task<int> Checked(Uri address, HostileRequests.Request request)
    {
        var (status, body) = await RawRequest.Send(address, request.Bytes, isWhole: request.IsHttp, request.Kind == HostileKind.Slow ? Pieces : 1);
        var shown = () => System.Text.Encoding.Latin1.GetString(request.Bytes.AsSpan(0, Math.Min(2000, request.Bytes.Length)));
        if (request.IsHttp || status != 505) // the parser's word for an HTTP version that isn't
            status.ShouldBeLessThan(500, $"{shown()}\n{body}");
        if (request.IsHttp)
            status.ShouldBeGreaterThanOrEqualTo(request.Bytes.Length > Unread ? 0 : 200, shown());
        if (request.IsHttp && status >= 400) // its body comes as one chunk
            JsonElement.Parse(body[body.IndexOf('{')..(body.LastIndexOf('}') + 1)]).GetProperty("error").Text("message").ShouldNotBeNullOrWhiteSpace();
        return status;
    }
}
