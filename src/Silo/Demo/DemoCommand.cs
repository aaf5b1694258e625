using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Spectre.Console;
using Splitwiser.Client.CommandLine;
using Splitwiser.Client.Http;
using Splitwiser.Grains;
using Splitwiser.Silo.Hosting;
using Splitwiser.Silo.Http;
using Splitwiser.Silo.Options;
using Splitwiser.Silo.Safety;

namespace Splitwiser.Silo.Demo;

/// <summary>Splitwiser.Silo demo: a silo in this process, several prompts at once through its HTTP API, and the accounts after.</summary>
internal sealed class DemoCommand(IAnsiConsole console, DemoPlan plan, TimeProvider time, GpuFinder gpus)
{
    private static readonly TimeSpan SettleDeadline = TimeSpan.FromSeconds(5);

    public async Task<int> Run(IConfiguration configuration, CancellationToken ct)
    {
        var (options, urls) = Settings(configuration);
        await using var model = LoadedModel.Open(options, gpus);
        model.LoadShown(console);
        await using var app = SiloHost.Build(configuration, options, model, urls);
        await app.StartAsync(ct);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        console.WriteLine($"{model.Served.Name} at {address}, {VersionEndpoint.Version.Engine} actor engine\n");
        using var stops = CancellationTokenSource.CreateLinkedTokenSource(ct, app.Lifetime.ApplicationStopping);
        var leaked = await Show(app.Services.GetRequiredService<LocalDevices>(), new Uri(address), Lists.Read(options.ApiKey).FirstOrDefault(), stops.Token);
        if (plan.Serve)
            await app.WaitForShutdownAsync(ct);
        else
            await app.StopAsync(ct);
        return leaked == 0 ? ExitCode.Success : ExitCode.Failed;
    }

    /// <summary>Pages that are still leased when all is over.</summary>
    private async Task<int> Show(LocalDevices devices, Uri address, string? key, CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = key is null ? null : new("Bearer", key);
        await Stream(new(http), new(0, "Warm", time), (_, _) => { }, ct); // or the first token's time would be the compiler's
        var pages = new PageWatch(devices);
        var before = pages.Now;
        var answers = plan.Prompts.Select((prompt, index) => new DemoAnswer(index + 1, prompt, time)).ToList();
        IDemoView view = console.Profile.Capabilities.Interactive ? new LiveView(console) : new PlainView(console);
        var run = view.Show(answers, told => Task.WhenAll(answers.Select(answer => Stream(new(http), answer, told, ct))));
        var during = await pages.Peak(run);
        await run;
        var after = await pages.Settled(SettleDeadline);
        var report = new DemoReport(console);
        report.Write(answers);
        report.Write(before, during, after);
        report.Write(devices);
        return after.Leased;
    }

    private async Task Stream(CompletionsClient client, DemoAnswer answer, Action<DemoAnswer, string> told, CancellationToken ct)
    {
        var call = new CompletionCall
        {
            Prompt = answer.Prompt,
            MaxTokens = plan.MaxTokens,
            Temperature = plan.Temperature,
            Seed = answer.Number,
        };
        await foreach (var piece in client.Stream(call, ct))
        {
            answer.Add(piece);
            told(answer, piece.Text);
        }
    }

    /// <summary>The demo's own defaults: its model, any free port.</summary>
    private static (SplitwiserOptions Options, ListenUrls Urls) Settings(IConfiguration given)
    {
        var defaults = new Dictionary<string, string?>
        {
            [ListenUrls.Key] = "http://127.0.0.1:0",
            [$"{SplitwiserOptions.Section}:{nameof(SplitwiserOptions.Model)}"] = DemoModel.Find(),
        };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(defaults).AddConfiguration(given).Build();
        return (configuration.ReadSplitwiserOptions(), ListenUrls.Read(configuration));
    }
}
