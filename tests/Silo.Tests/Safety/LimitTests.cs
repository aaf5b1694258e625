using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Splitwiser.Silo.Tests.Safety;

public sealed class LimitTests
{
    [Fact]
    public async Task Bodies_and_prompts_over_the_limits_are_refused_before_any_work()
    {
        await using var silo = await RunningSilo.StartDemo("--max-body-bytes", "4096", "--max-prompt-chars", "100");
        var large = await silo.Api.Post("v1/completions", new { prompt = new string('x', 5000) });
        large.Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        large.Error().Text("code").ShouldBe("request_too_large");
        var prompt = await silo.Api.Post("v1/completions", new { prompt = new[] { "fine", new string('x', 101) } });
        prompt.Status.ShouldBe(HttpStatusCode.BadRequest);
        prompt.Error().Text("code").ShouldBe("context_length_exceeded");
        (await silo.Api.Post("v1/completions", new { prompt = new string('x', 100), max_tokens = 1 })).Success();
    }

    [Fact]
    public async Task A_request_that_takes_too_long_is_told_so_and_gives_its_pages_back()
    {
        await using var silo = await RunningSilo.StartDemo("--request-timeout", "3");
        var body = new { prompt = Enumerable.Repeat("And", 64), ignore_eos = true, max_tokens = 2000 };
        var whole = await silo.Api.Post("v1/completions", body);
        whole.Status.ShouldBe(HttpStatusCode.GatewayTimeout);
        whole.Error().Text("code").ShouldBe("request_timeout");
        var events = await silo.Api.Events("v1/completions", new { body.prompt, body.ignore_eos, body.max_tokens, stream = true });
        events.Count.ShouldBeGreaterThan(1); // what had come in 3 s, and then the error
        events[^1].GetProperty("error").Text("code").ShouldBe("request_timeout");
        await Settles.AllPagesAreBack(silo.Api);
    }

    [Fact]
    public async Task A_body_that_comes_too_slowly_is_a_408()
    {
        await using var silo = await RunningSilo.StartDemo();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, silo.Api.Address.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"), TestContext.Current.CancellationToken);
        var answer = new byte[4096];
        var count = await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken); // Kestrel waits for 5 s
        var text = Encoding.ASCII.GetString(answer, 0, count);
        text.ShouldStartWith("HTTP/1.1 408");
        text.ShouldContain("request_timeout");
    }

    [Fact]
    public async Task The_deadline_holds_for_a_body_that_never_ends_too()
    {
        await using var silo = await RunningSilo.StartDemo("--request-timeout", "0.5");
        var request = RawRequest.Post("/v1/completions", new byte[1000]);
        var (status, body) = await RawRequest.Send(silo.Api.Address, request.AsMemory(0, request.Length - 500), isWhole: true);
        status.ShouldBe(504);
        body.ShouldContain("request_timeout");
    }

    [Theory, InlineData("7", HttpStatusCode.OK), InlineData("-7", HttpStatusCode.OK), InlineData("soon", HttpStatusCode.BadRequest)]
    public async Task A_priority_may_come_in_a_header(string priority, HttpStatusCode status)
    {
        await using var silo = await RunningSilo.StartDemo();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(silo.Api.Address, "v1/completions"))
        {
            Headers = { { "X-Priority", priority } },
            Content = new StringContent("""{"prompt": "And", "max_tokens": 1}""", Encoding.UTF8, "application/json"),
        };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(status);
    }

    [Fact]
    public void The_bodys_priority_goes_before_the_headers()
    {
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        context.Request.Headers["X-Priority"] = "7";
        Silo.Safety.PriorityHeader.WithPriorityOf(new Http.Wire.CompletionRequest { Priority = 3 }, context).Priority.ShouldBe(3);
        Silo.Safety.PriorityHeader.WithPriorityOf(new Http.Wire.CompletionRequest(), context).Priority.ShouldBe(7);
    }
}
