using System.CommandLine;
using Splitwiser.Bench.Devices;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Bench.Paper;

/// <summary><c>paper</c>: the workload of arXiv 2505.03763 in its way and in ours, beside the limit of overlap.</summary>
internal static class PaperCommand
{
    private static readonly DeviceArguments Device = new();
    private static readonly Option<int> Requests = new("--requests") { Description = "Prompts, all there at the start.", DefaultValueFactory = _ => 960 };
    private static readonly Option<int> Prompt = new("--prompt") { Description = "Tokens in.", DefaultValueFactory = _ => 1024 };
    private static readonly Option<int[]> Outputs = new("--outputs") { Description = "Tokens out, one series after the other.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [12, 40, 1024] };
    private static readonly Option<int> PaperBatch = new("--paper-batch") { Description = "Prompts at a time of the paper's pipeline.", DefaultValueFactory = _ => 20 };
    private static readonly Option<int[]> Batches = new("--batches") { Description = "Most sequences at a time that the tuned sequential run tries.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [64, 240, 960] };
    private static readonly Option<int> StepTokens = new("--max-num-batched-tokens") { Description = "Most positions of a step.", DefaultValueFactory = _ => 16384 };
    private static readonly Option<PhaseMode[]> Modes = new("--modes") { Description = "Of the split; all that the device has but turns when absent.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int> Runs = new("--runs") { Description = "Of everything, the ways in turn; the median is reported.", DefaultValueFactory = _ => 3 };
    private static readonly Option<double> ItlTarget = new("--itl-target") { Description = "The adaptive mode's target in milliseconds.", DefaultValueFactory = _ => 50 };
    private static readonly Option<bool> OneProcess = new("--one-process") { Description = "Leaves the two processes out." };
    private static readonly Option<int> Part = new("--part") { Hidden = true };
    private static readonly Option<int> Parts = new("--parts") { Hidden = true, DefaultValueFactory = _ => 1 };

    public static Command Create()
    {
        var command = Named("paper", "The Splitwiser paper's workload: its batches, our best batch in turns, two processes, and the phases side by side, beside the limit of overlap.");
        command.Options.Add(OneProcess);
        command.SetAction((parsed, ct) => BenchFailure.Told(() => Run(parsed, ct)));
        return command;
    }

    /// <summary>What the two processes run.</summary>
    public static Command CreatePart()
    {
        var command = Named(PaperHalf.Command, "A part of the paper's workload.");
        command.Hidden = true;
        command.Options.Add(Part);
        command.Options.Add(Parts);
        command.SetAction((parsed, ct) => BenchFailure.Told(() => PaperHalf.Serve(Device.Read(parsed), Plan(parsed), parsed.GetValue(Part), parsed.GetValue(Parts), ct)));
        return command;
    }

    private static Command Named(string name, string description)
    {
        var command = new Command(name, description) { Requests, Prompt, Outputs, PaperBatch, Batches, StepTokens, Modes, Runs, ItlTarget };
        Device.AddTo(command);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken ct)
    {
        var (on, plan) = (Device.Read(parsed), Plan(parsed));
        IReadOnlyList<PaperSeries> series;
        string hardware;
        using (var device = BenchDevice.Open(on, PaperSizes.For(plan, on, plan.MostSequences, processes: 1), ct))
        {
            hardware = device.Hardware;
            series = await new PaperBench(device, plan).Measure(ct);
        }

        if (!parsed.GetValue(OneProcess)) series = await TwoProcesses.Measure(plan, Arguments(on, plan), series, ct);
        PaperReport.Print(plan, series);
        if (Device.Results(parsed) is { } folder) Console.WriteLine($"Written to {RecordedRun.Write(folder, "paper", $"paper-{on.ModelName}", hardware, series)}");
        return 0;
    }

    private static PaperPlan Plan(ParseResult parsed) => parsed.GetValue(Outputs)!.Any(output => output < 2) ? throw new BenchException("--outputs: at least 2 tokens, or there is no decode") : new(
        parsed.GetValue(Requests), parsed.GetValue(Prompt), parsed.GetValue(Outputs)!, parsed.GetValue(PaperBatch), parsed.GetValue(Batches)!, parsed.GetValue(StepTokens), parsed.GetValue(Modes) ?? [], parsed.GetValue(Runs), parsed.GetValue(ItlTarget));

    /// <summary>The same settings for a process; on the CPU the processes share the threads.</summary>
    private static IReadOnlyList<string> Arguments(DevicePlan on, PaperPlan plan) =>
    [
        "--device", on.Kind, "--config", on.Config, .. on.RandomWeights ? ["--random-weights"] : Array.Empty<string>(), "--threads", $"{Math.Max(1, on.Threads / 2)}",
        "--requests", $"{plan.Requests}", "--prompt", $"{plan.Prompt}", "--paper-batch", $"{plan.PaperBatch}", "--max-num-batched-tokens", $"{plan.StepTokens}",
        "--outputs", .. plan.Outputs.Select(output => $"{output}"), "--batches", .. plan.Batches.Select(batch => $"{batch}"),
    ];
}
