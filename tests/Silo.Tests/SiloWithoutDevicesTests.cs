using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Splitwiser.Client;
using Splitwiser.Grains;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Tests;

/// <summary>Silos of a user's own: one computes, the other takes requests beside whatever else it does.</summary>
public sealed class SiloWithoutDevicesTests
{
    private const int SiloPort = 21787;

    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_live_on_the_silo_that_took_them_and_compute_on_another_one()
    {
        using var computing = Silo("computing", 0, new() { Model = Repository.DemoModel, Device = DeviceKind.Cpu, Threads = 1, NumGpuBlocksOverride = 128 });
        using var taking = Silo("taking", 1, new() { Model = Repository.DemoModel, Device = DeviceKind.None });
        await computing.StartAsync(Ends);
        await taking.StartAsync(Ends);
        taking.Services.GetRequiredService<LocalDevices>().Each.ShouldBeEmpty();
        await Settles.Becomes("the device is known", () => Task.FromResult(taking.Services.GetRequiredService<DeviceView>().Snapshot.Devices.Any(device => device.Open)));

        var grains = taking.Services.GetRequiredService<IGrainFactory>();
        var text = "";
        await foreach (var chunk in new SplitwiserClient(grains).GenerateAsync(new() { Text = GoldenPrompt.All[0].Prompt, Sampling = new() { Temperature = 0 }, Stop = new() { MaxTokens = 48, IgnoreEos = true } }, Ends))
        {
            (chunk.Start?.Device ?? "computing/0").ShouldBe("computing/0");
            text += chunk.Text;
        }

        text.ShouldBe(GoldenPrompt.All[0].GreedyText);
        (await Should.ThrowAsync<DeviceControlException>(grains.GetGrain<IDeviceControlGrain>("taking/0").Open(Ends))).Reason.ShouldBe(ControlRefusal.NoMore);
        await taking.StopAsync(Ends);
        await computing.StopAsync(Ends);
    }

    [Theory, InlineData("--devices", "0"), InlineData("--cpu-devices", "2"), InlineData("--threads", "1")]
    public async Task Without_devices_their_settings_are_refused(string setting, string value) =>
        (await Should.ThrowAsync<InvalidOperationException>(RunningSilo.StartDemo("--device", "none", setting, value))).Message.ShouldContain("--device: with none there are no");

    private static IHost Silo(string name, int number, SplitwiserOptions options)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(SiloPort + number, SiloPort + 10000 + number, number == 0 ? null : new IPEndPoint(IPAddress.Loopback, SiloPort))
            .Configure<SiloOptions>(named => named.SiloName = name)
            .AddSplitwiser(options));
        return builder.Build();
    }
}
