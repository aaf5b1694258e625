using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Splitwiser.Client.CommandLine.Servers;
using Splitwiser.Client.Http;

namespace Splitwiser.Client.CommandLine;

/// <summary>devices: what every device of the cluster is and does, once or until Ctrl-C.</summary>
internal sealed class DevicesCommand(Terminal terminal)
{
    private readonly ServerOptions servers = new();
    private readonly Option<bool> json = new("--json") { Description = "JSON: a line for each time that is looked." };
    private readonly Option<bool> watch = new("--watch", "-w") { Description = "Looks again and again, until Ctrl-C." };
    private readonly Option<double> interval = new("--interval") { Description = "Seconds between two looks.", HelpName = "SECONDS", DefaultValueFactory = _ => 1 };

    public Command Create()
    {
        var command = new Command("devices", "Shows every device: mode, queues, running requests, key/value pages.") { json, watch, interval };
        interval.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0.1 and <= 3600))
                result.AddError("--interval: expected 0.1 to 3600");
        });
        servers.AddTo(command);
        command.SetAction((parsed, cancelled) => servers.Run(terminal, parsed, cancelled, (server, ct) => Run(server, parsed, ct)));
        return command;
    }

    private int Width => terminal.Screen.Profile.Width;

    private async Task<int> Run(IServer server, ParseResult parsed, CancellationToken ct)
    {
        var asJson = parsed.GetValue(json);
        if (!parsed.GetValue(watch))
        {
            Show(await server.Devices(ct), asJson);
            return ExitCode.Success;
        }

        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(parsed.GetValue(interval)), terminal.Time);
        try
        {
            if (terminal.IsWatched && !asJson)
                await terminal.Screen.Live(DeviceTable.Of(await server.Devices(ct), Width)).StartAsync(live => Look(devices => live.UpdateTarget(DeviceTable.Of(devices, Width))));
            else
                await Look(devices => Show(devices, asJson));
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Ctrl-C is how one stops watching.
        }

        return ExitCode.Success;

        async Task Look(Action<ImmutableArray<DeviceCard>> show)
        {
            do
                show(await server.Devices(ct));
            while (await timer.WaitForNextTickAsync(ct));
        }
    }

    private void Show(ImmutableArray<DeviceCard> devices, bool asJson)
    {
        if (asJson)
            terminal.Output.WriteLine(JsonSerializer.Serialize(new DeviceCards(devices), ClientJson.Default.DeviceCards));
        else
            terminal.Screen.Write(DeviceTable.Of(devices, Width));
    }
}
