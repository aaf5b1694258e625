using System.CommandLine;
using System.Globalization;
using Splitwiser.Bench.Devices;
using Splitwiser.Bench.Serve;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Models;

namespace Splitwiser.Bench.Fleet;

/// <summary><c>fleet</c>: what several devices of one silo do beside one of them.</summary>
internal static class FleetCommand
{
    private static readonly Option<string> Model = new("--config", "--shape") { Description = "Model folder; config.json is enough with --random-weights.", DefaultValueFactory = _ => Shapes.DemoModel };
    private static readonly Option<bool> RandomWeights = new("--random-weights") { Description = "Draws the weights from a seed." };
    private static readonly Option<string> Device = new Option<string>("--device") { Description = "cpu or cuda.", DefaultValueFactory = _ => "cpu" }.AcceptOnlyFromAmong("cpu", "cuda");
    private static readonly Option<string> Devices = new("--devices") { Description = "GPUs by number, as 0,2, or all; on the CPU only how many are named counts.", DefaultValueFactory = _ => "all" };
    private static readonly Option<int> Threads = new("--threads") { Description = "CPU: threads of each device.", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> MaxSequences = new("--max-num-seqs") { Description = "Most sequences of a device at once: more than its share of the burst, so that a device with one request more does not run a round more.", DefaultValueFactory = _ => 320 };
    private static readonly Option<int> Requests = new("--requests") { Description = "Of the burst on one device; all of them get so many each.", DefaultValueFactory = _ => 256 };
    private static readonly Option<string> Prompt = new("--prompt") { Description = "Prompt tokens: a number or LEAST..MOST.", DefaultValueFactory = _ => "128..896" };
    private static readonly Option<string> Output = new("--output") { Description = "Output tokens.", DefaultValueFactory = _ => "128" };
    private static readonly Option<int> Runs = new("--runs") { Description = "Pairs of runs; medians are reported.", DefaultValueFactory = _ => 2 };
    private static readonly Option<string?> Results = new("--results") { Description = "Folder for the JSON file; none writes no file." };

    public static Command Create()
    {
        var command = new Command("fleet", "A burst through the grains of one silo: on one device, and as many times as large on all devices, in turn.")
        {
            Model, RandomWeights, Device, Devices, Threads, MaxSequences, Requests, Prompt, Output, Runs, Results,
        };
        command.SetAction((parsed, ct) => BenchFailure.Told(() => Run(parsed, ct)));
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken ct)
    {
        var (prompt, output, requests) = (LengthRange.Parse("--prompt", parsed.GetValue(Prompt)!), LengthRange.Parse("--output", parsed.GetValue(Output)!), parsed.GetValue(Requests));
        var workload = new Workload("burst", requests, prompt.Least, prompt.Most, output.Least, output.Most);
        if (requests < 1 || parsed.GetValue(Runs) < 1 || parsed.GetValue(Threads) < 1 || parsed.GetValue(MaxSequences) < 1) throw new BenchException("--requests, --runs, --threads, --max-num-seqs: at least 1");
        var cuda = parsed.GetValue(Device) == "cuda";
        var plan = new FleetPlan(
            parsed.GetValue(Model)!, parsed.GetValue(RandomWeights), cuda, Numbers(parsed.GetValue(Devices)!, cuda), parsed.GetValue(Threads), Pages: null, parsed.GetValue(MaxSequences), workload.LongestSequence + 1);
        if (ModelFolder.Open(plan.Model).Config.MaxPositions is var most && workload.LongestSequence >= most) throw new BenchException($"--prompt, --output: {plan.Model} takes less than {most} tokens together");
        using var fleet = FleetOfRunners.Open(plan, ct);
        var report = FleetReport.Of(fleet.Model.Name, workload, await new FleetBench(fleet, workload).Measure(parsed.GetValue(Runs), ct));
        report.Print();
        if (parsed.GetValue(Results) is { } folder)
            Console.WriteLine($"Written to {RecordedRun.Write(folder, "fleet", $"fleet-{fleet.Model.Name}-{fleet.Count}", fleet.Hardware ?? ResultFile.Hardware(), report)}");
        return 0;
    }

    private static int[] Numbers(string text, bool cuda)
    {
        if (text == "all") return cuda ? [.. CudaDevice.Find(out _).Select(gpu => gpu.Ordinal)] : [.. Enumerable.Range(0, Environment.ProcessorCount)];
        var numbers = text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new BenchException($"--devices: expected all or numbers as 0,2, found '{text}'")).ToArray();
        return numbers.Distinct().Count() == numbers.Length ? numbers : throw new BenchException($"--devices: '{text}' names a device twice");
    }
}
