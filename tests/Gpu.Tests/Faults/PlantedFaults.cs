using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Phases;
using Splitwiser.Grains;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;
using Splitwiser.Silo.Tests;

namespace Splitwiser.Gpu.Tests.Faults;

/// <summary>
/// What a kernel that traps does. It takes the process's CUDA context with it, so these run only in processes of their own
/// (<see cref="FaultTests"/>).
/// </summary>
public sealed class PlantedFaults
{
    private const int Pages = 256, Requests = 8, OutputTokens = 400;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Closes_the_device_with_a_typed_error_and_leaks_no_page()
    {
        var runner = Plant();
        var worker = new DeviceWorker(runner, Options, TimeProvider.System, NullLogger<DeviceWorker>.Instance);
        var readers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(async i =>
        {
            var prompt = GoldenPrompt.All[i % GoldenPrompt.All.Count].PromptIds;
            var handoff = await worker.Prefill(new PromptRequest { Tokens = prompt, OutputStart = prompt.Length, MaxTokens = 1500, Sampling = SamplingParams.Greedy }, Ends);
            return worker.Attach(handoff.Lease, 0);
        }));
        foreach (var reader in readers) (await reader.WaitToReadAsync(Ends)).ShouldBeTrue();
        worker.Pages.Leased.ShouldBeGreaterThan(0);

        runner.Arm();
        foreach (var reader in readers)
            (await Should.ThrowAsync<DeviceFaultException>(ReadAll(reader))).Message.ShouldContain("failed");
        await worker.Closed.WaitAsync(Soon, Ends);
        worker.IsOpen.ShouldBeFalse();
        worker.Fault.ShouldNotBeNull();
        worker.Pages.Leased.ShouldBe(0);
        (worker.Pages.Free + worker.Pages.Cached).ShouldBe(Pages);
        worker.CheckInvariants();
        (await Should.ThrowAsync<DeviceRefusedException>(worker.Prefill(new PromptRequest { Tokens = new[] { 1, 2 }, OutputStart = 2, MaxTokens = 1, Sampling = SamplingParams.Greedy }, Ends)))
            .Reason.ShouldBe(DeviceRefusal.Closed);
        await worker.DisposeAsync();
        runner.Dispose();
    }

    [Fact(Explicit = true)]
    public async Task Is_reported_by_the_silo_and_its_requests_go_on_on_another_device()
    {
        var folder = ModelFolder.Open(Repository.DemoModel);
        using var weights = folder.LoadWeights(ct: Ends);
        var planted = Plant();
        var cpu = new CpuRunner(weights, new CpuRunnerOptions { PageCount = Pages, MaxRows = 16, MaxTokens = 512, MaxSequences = 16 });
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo => silo.UseLocalhostClustering().AddSplitwiserGrains(_ => new DeviceSet(
            ServedModel.From(folder), 2, index => new DeviceWorker(index == 0 ? planted : cpu, Options, TimeProvider.System, NullLogger<DeviceWorker>.Instance))));
        using var host = builder.Build();
        await host.StartAsync(Ends);
        var devices = host.Services.GetRequiredService<LocalDevices>();
        var grains = host.Services.GetRequiredService<IGrainFactory>();

        planted.Arm(decodeSteps: 4);        // in the middle of the answers, however fast they come
        var streams = Enumerable.Range(0, Requests).Select(_ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var answers = streams.Select((began, i) => Task.Run(() => Answer(grains, i, began))).ToArray();
        var on = await Task.WhenAll(streams.Select(began => began.Task)).WaitAsync(Soon, Ends);
        on.ShouldContain(devices.KeyOf(0), "some requests must be on the GPU");
        var attempts = await Task.WhenAll(answers).WaitAsync(TimeSpan.FromMinutes(2), Ends);
        attempts.Max().ShouldBeGreaterThan(1, "some were in the middle of their answers");

        devices[0].Fault.ShouldNotBeNull();
        await Eventually.Holds("the directory knows that the device is closed", async () =>
            (await grains.GetGrain<IDeviceDirectoryGrain>(0).Snapshot(Ends)).Devices.Select(device => device.Open).SequenceEqual([false, true]), Soon, Ends);
        await Eventually.Holds("every page is back", () => Task.FromResult(devices.All.All(device => device.Pages.Leased == 0)), Soon, Ends);
        var later = new TaskCompletionSource<string>();
        await Answer(grains, 0, later);
        (await later.Task).ShouldBe(devices.KeyOf(1));
        await host.StopAsync(CancellationToken.None);
    }

    private static DeviceOptions Options => new() { MaxModelLength = 2048, MaxSequences = 16, MaxBatchedTokens = 512, QueueLimit = 64 };

    private static PlantedRunner Plant()
    {
        var card = Card.Required;
        using var weights = ModelFolder.Open(Repository.DemoModel).LoadWeights(ct: Ends);
        return new PlantedRunner(card, CudaRunner.Create(card.Device, weights, new CudaRunnerOptions { PageCount = Pages, MaxRows = 16, MaxTokens = 512, MaxSequences = 16, Tune = false }));
    }

    private static async Task ReadAll(TokenReader reader)
    {
        while (await reader.WaitToReadAsync(Ends).AsTask().WaitAsync(Soon, Ends))
            while (reader.TryRead(out _)) { }
    }

    /// <summary>All tokens come, none twice.</summary>
    /// <returns>The devices that it took.</returns>
    private static async Task<int> Answer(IGrainFactory grains, int index, TaskCompletionSource<string> began)
    {
        var request = new GenerateRequest
        {
            TokenIds = [.. GoldenPrompt.All[index % GoldenPrompt.All.Count].PromptIds],
            Sampling = new SamplingOptions { Temperature = 0 },
            Stop = new StopOptions { MaxTokens = OutputTokens, IgnoreEos = true },
            CacheSalt = $"{index}",
        };
        var (count, attempts) = (0, 0);
        await foreach (var chunk in grains.GetGrain<IRequestGrain>(Guid.NewGuid()).Generate(request, Ends))
        {
            chunk.FirstIndex.ShouldBe(count);
            count += chunk.Ids.Length;
            if (chunk.Start is { } start) began.TrySetResult(start.Device);
            if (chunk.End is { } end) attempts = end.Timings.Attempts;
        }
        count.ShouldBe(OutputTokens);
        return attempts;
    }
}
