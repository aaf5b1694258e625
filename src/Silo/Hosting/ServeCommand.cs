using Spectre.Console;
using Splitwiser.Client.CommandLine;
using Splitwiser.Silo.Http;
using Splitwiser.Silo.Options;
using Splitwiser.Silo.Safety;

namespace Splitwiser.Silo.Hosting;

/// <summary>serve --model DIR --urls URL: serves until it is told to stop.</summary>
internal sealed class ServeCommand(IAnsiConsole console, GpuFinder gpus)
{
    /// <summary>Told the addresses once the server listens; the model is loaded only then, and every answer until that is done is a 503.</summary>
    public Action<IReadOnlyCollection<string>>? Listening { get; init; }

    /// <summary>Told the addresses once the API serves.</summary>
    public Action<IReadOnlyCollection<string>>? Started { get; init; }

    /// <param name="ct">Stops the host, as SIGTERM and SIGINT do.</param>
    public async Task<int> Run(IConfiguration configuration, CancellationToken ct)
    {
        var options = configuration.ReadSplitwiserOptions();
        var urls = ListenUrls.Read(configuration);
        await using var model = LoadedModel.Open(options, gpus);
        await using var app = SiloHost.Build(configuration, options, model, urls);
        var door = app.Services.GetRequiredService<FrontDoor>();
        var loading = new LoadingAnswers(model.Served.Name, TimeProvider.System);
        await door.Open(urls, loading.Answer, ct);
        Listening?.Invoke(door.Addresses);
        model.LoadShown(console, loading);
        loading.DevicesOpen();
        await app.StartAsync(ct);
        if (model.Chat.Problem is { } problem)
            console.WriteLine($"warning: chats are refused, for the model's chat template can't be used: {problem}");
        console.WriteLine($"Serving {model.Served.Name} at {string.Join(", ", door.Addresses)} ({VersionEndpoint.Version.Engine} actor engine)");
        if (!urls.AreLoopback && !app.Services.GetRequiredService<ApiKeys>().IsRequired)
            console.WriteLine("warning: other machines reach this server and no API key is needed (--api-key)");
        Started?.Invoke(door.Addresses);
        await app.WaitForShutdownAsync(ct);
        console.WriteLine("Stopped.");
        return ExitCode.Success;
    }
}
