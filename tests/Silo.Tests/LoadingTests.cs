using System.Net;
using System.Text.Json;
using Spectre.Console;
using Splitwiser.Silo.Hosting;

namespace Splitwiser.Silo.Tests;

/// <summary>The server listens before the model is loaded.</summary>
public sealed class LoadingTests
{
    [Fact]
    public async Task While_the_model_loads_everything_is_a_503_and_then_it_serves_on_the_same_port()
    {
        using var stop = new CancellationTokenSource();
        List<(string Path, Answer Answer)> meanwhile = [];
        var started = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var errors = new StringWriter();
        var host = new HostCommandLine(Quiet(), errors)
        {
            Listening = addresses => Task.Run(() => AskAll(new Uri(addresses.Single()), meanwhile)).GetAwaiter().GetResult(), // the model loads when this returns
            Started = addresses => started.TrySetResult(addresses.Single()),
        };
        var ended = Task.Run(() => host.Run(["serve", "--model", Repository.DemoModel, "--device", "cpu", "--num-gpu-blocks-override", "64", "--urls", "http://127.0.0.1:0"], stop.Token));
        await Task.WhenAny(started.Task, ended);
        started.Task.IsCompletedSuccessfully.ShouldBeTrue(errors.ToString());

        meanwhile.Select(asked => asked.Path).ShouldBe(["health", "ready", "v1/models", "nowhere", "v1/completions"]);
        foreach (var (_, answer) in meanwhile)
        {
            answer.Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
            answer.Error().Text("code").ShouldBe("model_loading");
            answer.Error().Text("message").ShouldBe("Loading model demo: 0 % of its weights are read.");
            JsonElement.Parse(answer.Text).GetProperty("progress").GetDouble().ShouldBe(0);
            answer.RetryAfter.ShouldBe(TimeSpan.FromSeconds(30));
        }

        using var api = new Api(new Uri(await started.Task));
        (await api.Get("ready")).Status.ShouldBe(HttpStatusCode.OK);
        (await api.Get("health")).Status.ShouldBe(HttpStatusCode.OK);
        (await api.Get("nowhere")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await api.Complete(new { prompt = "And", max_tokens = 4 })).Choice().Text("finish_reason").ShouldBe("length");
        stop.Cancel();
        (await ended.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)).ShouldBe(0);
    }

    [Fact]
    public async Task A_load_that_fails_ends_with_its_reason_and_closes_the_port()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Repository.DemoModel))
            File.Copy(file, folder[Path.GetFileName(file)]);
        using (var weights = File.OpenWrite(folder["model.safetensors"]))
            weights.SetLength(weights.Length / 2);
        Uri? address = null;
        var errors = new StringWriter();
        var host = new HostCommandLine(Quiet(), errors) { Listening = addresses => address = new Uri(addresses.Single()) };
        var code = await host.Run(["serve", "--model", folder.Path, "--device", "cpu", "--urls", "http://127.0.0.1:0"], TestContext.Current.CancellationToken);
        code.ShouldBe(1);
        errors.ToString().ShouldContain("model.safetensors");
        errors.ToString().ShouldNotContain("   at ");
        using var api = new Api(address.ShouldNotBeNull());
        await Should.ThrowAsync<HttpRequestException>(() => api.Get("health"));
    }

    [Fact]
    public async Task How_far_it_is_and_how_long_it_will_take_are_told()
    {
        var time = new ManualTime();
        var loading = new LoadingAnswers("demo", time);
        time.Advance(TimeSpan.FromSeconds(6));
        loading.Report(new(BytesLoaded: 750, TotalBytes: 1000));
        (await Told(loading)).ShouldBe(("2", 0.75, "Loading model demo: 75 % of its weights are read."));
        loading.DevicesOpen();
        (await Told(loading)).ShouldBe(("1", 1, "Loading model demo: its devices open."));
    }

    private static async Task<(string RetryAfter, double Progress, string Message)> Told(LoadingAnswers loading)
    {
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        var body = new MemoryStream();
        context.Response.Body = body;
        await loading.Answer(context);
        await context.Response.BodyWriter.FlushAsync(TestContext.Current.CancellationToken);
        var json = JsonElement.Parse(body.ToArray());
        return (context.Response.Headers.RetryAfter.ToString(), json.GetProperty("progress").GetDouble(), json.GetProperty("error").Text("message"));
    }

    private static async Task AskAll(Uri address, List<(string, Answer)> answers)
    {
        using var http = new HttpClient { BaseAddress = address };
        foreach (var path in new[] { "health", "ready", "v1/models", "nowhere" })
            answers.Add((path, await Answer.Read(await http.GetAsync(path))));
        answers.Add(("v1/completions", await Answer.Read(await http.PostAsync("v1/completions", new StringContent("""{"prompt": "x"}""")))));
    }

    private static IAnsiConsole Quiet() => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
}
