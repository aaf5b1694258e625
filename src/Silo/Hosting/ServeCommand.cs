using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Spectre.Console;
using Splitwiser.Client.CommandLine;
using Splitwiser.Silo.Http;
using Splitwiser.Silo.Options;
using Splitwiser.Silo.Safety;

namespace Splitwiser.Silo.Hosting;

/// <summary>Splitwiser.Silo --model DIR --urls URL: serves until it is told to stop.</summary>
internal sealed class ServeCommand(IAnsiConsole console, GpuFinder gpus)
{
    /// <param name="started">Told the addresses that the API listens on.</param>
    /// <param name="ct">Stops the host, as SIGTERM and SIGINT do.</param>
    public async Task<int> Run(IConfiguration configuration, Action<IReadOnlyCollection<string>>? started, CancellationToken ct)
    {
        var options = configuration.ReadSplitwiserOptions();
        var urls = ListenUrls.Read(configuration);
        await using var model = LoadedModel.Open(options, gpus);
        model.LoadShown(console);
        await using var app = SiloHost.Build(configuration, options, model, urls);
        await app.StartAsync(ct);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        if (model.Chat.Problem is { } problem)
            console.WriteLine($"warning: chats are refused, for the model's chat template can't be used: {problem}");
        console.WriteLine($"Serving {model.Served.Name} at {string.Join(", ", addresses)} ({VersionEndpoint.Version.Engine} actor engine)");
        if (!urls.AreLoopback && !app.Services.GetRequiredService<ApiKeys>().IsRequired)
            console.WriteLine("warning: other machines reach this server and no API key is needed (--api-key)");
        started?.Invoke([.. addresses]);
        await app.WaitForShutdownAsync(ct);
        console.WriteLine("Stopped.");
        return ExitCode.Success;
    }
}
