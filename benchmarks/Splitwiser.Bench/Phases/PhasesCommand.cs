using System.CommandLine;
using Microsoft.Extensions.Logging;
using Splitwiser.Bench.Devices;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;

namespace Splitwiser.Bench.Phases;

/// <summary><c>phases</c>: prefill and decode on one device, each alone and together in every mode.</summary>
internal static class PhasesCommand
{
    private static readonly DeviceArguments Device = new();
    private static readonly Option<string[]> Points = new("--points") { Description = "PROMPT+SEQUENCESxCONTEXT, with @MS for the bound that modes are compared at.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["256+8x128"] };
    private static readonly Option<PhaseMode[]> Modes = new("--modes") { Description = "All that the device has when absent.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int[]> Slices = new("--slices") { Description = "Serial: prompt tokens of a turn.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [128, 256, 512, 1024, 2048] };
    private static readonly Option<int[]> Chunks = new("--chunks") { Description = "Chunked: prompt tokens of a mixed step.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [128, 256, 512, 1024, 2048] };
    private static readonly Option<double[]> Targets = new("--itl-targets") { Description = "Adaptive: targets in milliseconds; 1.5, 2 and 3 times the decode step alone when absent. A point's bound is one more.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<double> Warm = new("--warm") { Description = "Seconds before each window.", DefaultValueFactory = _ => 0.3 };
    private static readonly Option<double> Window = new("--window") { Description = "Seconds of each window, at least: it lasts as long as ten prompts alone.", DefaultValueFactory = _ => 1.5 };
    private static readonly Option<int> Runs = new("--runs") { Description = "Repetitions of everything, the settings in turn; medians are reported.", DefaultValueFactory = _ => 3 };
    private static readonly Option<int> StepTokens = new("--max-num-batched-tokens") { Description = "Most positions of a step.", DefaultValueFactory = _ => 8192 };
    private static readonly Option<int> Handoffs = new("--handoffs") { Description = "Prompts whose way to their first decode step is timed; 0 for none.", DefaultValueFactory = _ => 200 };
    private static readonly Option<int> Arrival = new("--arrival") { Description = "Tokens of one long prompt that arrives while the sequences decode; 0 for none." };

    private static readonly Option<bool> Decisions = new("--decisions") { Description = "Tell every change of the adaptive mode, and by what costs it was chosen." };

    public static Command Create()
    {
        var command = new Command("phases", "Prefill against the time between tokens: each phase alone, and both together in every mode and setting.") { Points, Modes, Slices, Chunks, Targets, Warm, Window, Runs, StepTokens, Handoffs, Arrival, Decisions };
        Device.AddTo(command);
        command.SetAction((parsed, ct) => BenchFailure.Told(() => Run(parsed, ct)));
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken ct)
    {
        var plan = new PhasePlan(
            [.. parsed.GetValue(Points)!.Select(PhasePoint.Parse)], parsed.GetValue(Modes) ?? [], parsed.GetValue(Slices)!, parsed.GetValue(Chunks)!, parsed.GetValue(Targets) ?? [],
            new PhaseTimes(TimeSpan.FromSeconds(parsed.GetValue(Warm)), TimeSpan.FromSeconds(parsed.GetValue(Window)), parsed.GetValue(Runs)), parsed.GetValue(StepTokens), parsed.GetValue(Handoffs), parsed.GetValue(Arrival));
        var on = Device.Read(parsed);
        using var device = BenchDevice.Open(on, PhaseBench.Sizes(plan, ModelFolder.Open(on.Config).Config.MaxPositions), ct);
        using var logging = LoggerFactory.Create(builder =>
        {
            if (parsed.GetValue(Decisions)) builder.SetMinimumLevel(LogLevel.Debug).AddSimpleConsole(line => line.SingleLine = true);
        });
        var reports = await new PhaseBench(device, plan, logging.CreateLogger<DeviceWorker>()).Measure(ct);
        if (Device.Results(parsed) is not { } folder) return 0;
        Console.WriteLine($"Written to {RecordedRun.Write(folder, "phases", $"phases-{on.ModelName}", device.Hardware, reports)}");
        foreach (var report in reports)
            report.Chart(device.Hardware, on.ModelName).Write(Path.Combine(folder, $"phases-{on.ModelName}-{report.Point.Name}.svg"));
        return 0;
    }
}
