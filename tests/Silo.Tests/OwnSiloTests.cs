using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Splitwiser.Client;
using Splitwiser.Grains;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Tests;

/// <summary>A silo of a user's own, without the HTTP host.</summary>
public sealed class OwnSiloTests : IAsyncLifetime
{
    private IHost host = null!;
    private SplitwiserClient client = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(siloPort: 21777, gatewayPort: 31777)
            .AddSplitwiser(new() { Model = Repository.DemoModel, Device = DeviceKind.Cpu, NumGpuBlocksOverride = 128, CpuDevices = 2, Threads = 1, MaxNumSeqs = 4 }));
        host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        client = new SplitwiserClient(host.Services.GetRequiredService<IGrainFactory>());
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
    }

    [Fact]
    public async Task A_client_streams_text()
    {
        var text = "";
        await foreach (var piece in client.GenerateTextAsync(Greedy(GoldenPrompt.All[0], 48), TestContext.Current.CancellationToken))
            text += piece;
        text.ShouldBe(GoldenPrompt.All[0].GreedyText);
    }

    [Fact]
    public async Task Both_devices_serve_and_say_so()
    {
        var devices = new HashSet<string>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            await foreach (var chunk in client.GenerateAsync(Greedy(GoldenPrompt.All[0], 40), TestContext.Current.CancellationToken))
            {
                lock (devices)
                    devices.Add(chunk.Start?.Device ?? devices.First());
            }
        }));
        devices.Count.ShouldBe(2);
    }

    [Theory, InlineData(1), InlineData(7), InlineData(30), InlineData(39), InlineData(40)]
    public async Task A_resumed_stream_goes_on_where_the_first_one_broke(int delivered)
    {
        var request = new GenerateRequest
        {
            Text = "And the king said",
            Sampling = new() { Temperature = 0.9f, Seed = 11 },
            Stop = new() { MaxTokens = 40, IgnoreEos = true, Strings = ["xyzzy"] },
        };
        var whole = await Collect(request);
        var rest = await Collect(request with { Delivered = [.. whole.Ids[..delivered]] });
        rest.Ids.ShouldBe(whole.Ids[delivered..]);
        whole.Text.ShouldEndWith(rest.Text);
        rest.End.Usage.ShouldBe(whole.End.Usage with { Cached = rest.End.Usage.Cached });
    }

    [Fact]
    public async Task Leaving_a_stream_gives_every_page_back()
    {
        await foreach (var _ in client.GenerateAsync(Greedy(GoldenPrompt.All[0], 1500), TestContext.Current.CancellationToken))
            break;
        var devices = host.Services.GetRequiredService<LocalDevices>();
        await Settles.Becomes("no page is leased", () => Task.FromResult(devices.All.All(device => device.Pages.Leased == 0)));
    }

    [Fact]
    public void Options_that_can_not_be_served_are_refused_at_once() =>
        Should.Throw<BadConfigurationException>(() => Host.CreateEmptyApplicationBuilder(null).UseOrleans(silo => silo.AddSplitwiser(new SplitwiserOptions { Model = "/no/such/folder", Threads = 0 })))
            .Problems.Count.ShouldBe(2);

    private static GenerateRequest Greedy(GoldenPrompt golden, int maxTokens) => new()
    {
        Text = golden.Prompt,
        Sampling = new() { Temperature = 0 },
        Stop = new() { MaxTokens = maxTokens, IgnoreEos = true },
    };

    private async Task<(int[] Ids, string Text, GenerationEnd End)> Collect(GenerateRequest request)
    {
        List<TokenChunk> chunks = [];
        await foreach (var chunk in client.GenerateAsync(request, TestContext.Current.CancellationToken))
            chunks.Add(chunk);
        return ([.. chunks.SelectMany(chunk => chunk.Ids)], string.Concat(chunks.Select(chunk => chunk.Text)), chunks[^1].End!);
    }
}
