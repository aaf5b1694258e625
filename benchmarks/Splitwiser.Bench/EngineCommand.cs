using System.CommandLine;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Bench;

/// <summary><c>engine</c>: how near the device engine is to its limits, and what the actor layer costs on top. On the GPU where there is one.</summary>
internal static class EngineCommand
{
    private static readonly Option<string> Device = new("--device") { Description = "auto, cpu or cuda.", DefaultValueFactory = _ => "auto" };
    private static readonly Option<string> Shape = new("--shape") { Description = "Folder with a config.json; its weights are random.", DefaultValueFactory = _ => Shapes.Llama1B };
    private static readonly Option<int?> Runs = new("--runs") { Description = "Runs of everything; medians are reported. 5 on the CPU, 3 on the GPU when absent." };
    private static readonly Option<string?> Results = new("--results") { Description = "Folder for the JSON file; none writes no file." };

    private static readonly Option<string> Model = new("--model") { Description = "CPU: model folder for the cost of the actor layer.", DefaultValueFactory = _ => Shapes.DemoModel };
    private static readonly Option<int> Threads = new("--threads") { Description = "CPU: threads of the runner.", DefaultValueFactory = _ => Environment.ProcessorCount };
    private static readonly Option<int> Prompt = new("--prompt") { Description = "CPU: prompt tokens.", DefaultValueFactory = _ => 256 };
    private static readonly Option<int> Output = new("--output") { Description = "CPU: output tokens.", DefaultValueFactory = _ => 64 };
    private static readonly Option<int> Streams = new("--streams") { Description = "CPU: concurrent streams for the cost of the actor layer.", DefaultValueFactory = _ => 32 };

    private static readonly Option<string[]> Workloads = new("--workloads") { Description = "GPU: one-stream, burst, long, paper.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["one-stream", "burst", "long"] };
    private static readonly Option<PhaseMode[]> Modes = new("--modes") { Description = "GPU: the first runs bare and through the grains, the others bare.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [PhaseMode.Adaptive] };
    private static readonly Option<int> MaxSequences = new("--max-num-seqs") { Description = "GPU: most sequences at once.", DefaultValueFactory = _ => 256 };
    private static readonly Option<int> MaxTokens = new("--max-num-batched-tokens") { Description = "GPU: most tokens in one step.", DefaultValueFactory = _ => 8192 };
    private static readonly Option<double> ItlTarget = new("--itl-target") { Description = "GPU: the adaptive mode's target in milliseconds.", DefaultValueFactory = _ => 50 };

    private static readonly Option<int?> DecodeSms = new("--decode-sms") { Description = "GPU: the least multiprocessors of decode in partition mode; a quarter of them when absent." };
    private static readonly Option<bool> UnconfinedDecode = new("--unconfined-decode") { Description = "GPU: a split confines prefill only; decode goes first on all multiprocessors." };

    public static Command Create()
    {
        var command = new Command("engine", "Workloads on random weights, bare and through the grains, on the GPU; one stream and the demo model on the CPU.")
        {
            Device, Shape, Runs, Results, Model, Threads, Prompt, Output, Streams, Workloads, Modes, MaxSequences, MaxTokens, ItlTarget, DecodeSms, UnconfinedDecode,
        };
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken ct)
    {
        var device = parsed.GetValue(Device);
        if (device is not ("auto" or "cpu" or "cuda"))
        {
            Console.Error.WriteLine($"--device: expected auto, cpu or cuda, found '{device}'");
            return 2;
        }
        if (device == "cpu") return await OnCpu(parsed, ct);
        var found = CudaDevice.Find(out var explanation);
        if (found.Count > 0) return await OnGpu(found[0], parsed, ct);
        Console.Error.WriteLine(explanation);
        return device == "cuda" ? 1 : await OnCpu(parsed, ct);
    }

    private static async Task<int> OnGpu(CudaDevice device, ParseResult parsed, CancellationToken ct)
    {
        var shape = parsed.GetValue(Shape)!;
        var plan = new GpuEnginePlan(
            shape, [.. parsed.GetValue(Workloads)!.Select(Workload.Of)], parsed.GetValue(Modes)!, parsed.GetValue(Runs) ?? 3,
            parsed.GetValue(MaxSequences), parsed.GetValue(MaxTokens), parsed.GetValue(ItlTarget))
        {
            DecodeProcessors = parsed.GetValue(DecodeSms), ConfinesDecode = !parsed.GetValue(UnconfinedDecode),
        };
        var figures = await new GpuEngine(device, plan).Measure(ct);
        if (parsed.GetValue(Results) is { } folder)
            Console.WriteLine($"Written to {CardResults.Write(folder, "engine", $"{CardResults.NameOf(shape)}-{string.Join('-', plan.Workloads.Select(workload => workload.Name))}", device.Name, figures)}");
        return 0;
    }

    private static async Task<int> OnCpu(ParseResult parsed, CancellationToken ct)
    {
        var runs = parsed.GetValue(Runs) ?? 5;
        var figures = new List<Figure>();
        figures.AddRange(await SingleStream.Measure(parsed.GetValue(Shape)!, parsed.GetValue(Threads), parsed.GetValue(Prompt), parsed.GetValue(Output), runs, ct));
        figures.AddRange(await ActorCost.Measure(parsed.GetValue(Model)!, parsed.GetValue(Threads), parsed.GetValue(Streams), runs, ct));
        FigureTable.Report("engine", figures, "0.###", parsed.GetValue(Results));
        return 0;
    }
}
