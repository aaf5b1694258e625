using System.CommandLine;
using Splitwiser.Bench.Devices;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Models;

namespace Splitwiser.Bench.Serve;

/// <summary><c>serve</c>: a load over HTTP, and the highest rate at which it is served well.</summary>
internal static class ServeCommand
{
    private static readonly DeviceArguments Device = new();
    private static readonly Option<Uri[]> Servers = new("--url") { Description = "Running servers, used in turn; without one the benchmark starts silos of its own.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string[]> Modes = new("--modes") { Description = "Modes of its own silos; @TOKENS sets the most tokens of a step for one, as in chunked@576.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["adaptive", "chunked", "serial"] };
    private static readonly Option<int[]> Fleet = new("--fleet") { Description = "Devices of its own silos, one number after the other.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1] };
    private static readonly Option<int?> Vocabulary = new("--vocabulary") { Description = "Prompts are random ids below it; the vocabulary of --config when absent." };
    private static readonly Option<ArrivalKind> Arrivals = new("--arrivals") { Description = "trace, poisson, or burst (everything at once).", DefaultValueFactory = _ => ArrivalKind.Poisson };
    private static readonly Option<string?> TraceFile = new("--trace") { Description = "CSV with TIMESTAMP,ContextTokens,GeneratedTokens: lengths, and with --arrivals trace the times." };
    private static readonly Option<int> Requests = new("--requests") { Description = "How many; of a trace the first rows. A burst has as many for each device.", DefaultValueFactory = _ => 200 };
    private static readonly Option<double> Scale = new("--scale") { Description = "All lengths are multiplied by it.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string> Prompt = new("--prompt") { Description = "Prompt tokens without a trace: a number or LEAST..MOST.", DefaultValueFactory = _ => "128..896" };
    private static readonly Option<string> Output = new("--output") { Description = "Output tokens without a trace.", DefaultValueFactory = _ => "128" };
    private static readonly Option<double> LongShare = new("--long-share") { Description = "Share of requests that are long prompts instead, 0 to 1." };
    private static readonly Option<string> LongPrompt = new("--long-prompt") { Description = "Their prompt tokens.", DefaultValueFactory = _ => "4096..10240" };
    private static readonly Option<string> LongOutput = new("--long-output") { Description = "Their output tokens.", DefaultValueFactory = _ => "200" };
    private static readonly Option<double> FirstToken = new("--ttft") { Description = "Objective: seconds to the first token.", DefaultValueFactory = _ => 1 };
    private static readonly Option<double> TokenGap = new("--itl") { Description = "Objective: milliseconds that 99 % of a request's gaps between tokens may take.", DefaultValueFactory = _ => 25 };
    private static readonly Option<double> Share = new("--share") { Description = "Objective: share of the requests that keep both.", DefaultValueFactory = _ => 0.99 };
    private static readonly Option<double> Start = new("--rate") { Description = "Requests a second of each device at which the search for the highest rate begins.", DefaultValueFactory = _ => 4 };
    private static readonly Option<double[]> Rates = new("--rates") { Description = "Rates to measure instead of searching.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<double> Tolerance = new("--tolerance") { Description = "The search ends when a rate that holds and one that doesn't are this near, as a share.", DefaultValueFactory = _ => 0.05 };
    private static readonly Option<int> Trials = new("--trials") { Description = "Most rates that the search tries for each mode.", DefaultValueFactory = _ => 8 };
    private static readonly Option<int> Runs = new("--runs") { Description = "Of a burst.", DefaultValueFactory = _ => 3 };
    private static readonly Option<int> WarmUp = new("--warm-up") { Description = "Requests for each device before the first trial.", DefaultValueFactory = _ => 16 };
    private static readonly Option<string?> Name = new("--name") { Description = "Of the result files." };
    private static readonly Argument<string[]> Silo = new("silo") { Description = "After --: further settings of its own silos.", Arity = ArgumentArity.ZeroOrMore };

    public static Command Create()
    {
        var command = new Command("serve", "An open-loop load over HTTP: latencies, and the highest rate that keeps an objective, for each mode.")
        {
            Servers, Modes, Fleet, Vocabulary, Arrivals, TraceFile, Requests, Scale, Prompt, Output, LongShare, LongPrompt, LongOutput, FirstToken, TokenGap, Share, Start, Rates, Tolerance, Trials, Runs, WarmUp, Name, Silo,
        };
        Device.AddTo(command);
        command.SetAction((parsed, ct) => BenchFailure.Told(() => Run(parsed, ct)));
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken ct)
    {
        var on = Device.Read(parsed);
        var plan = Plan(parsed, on);
        var report = new ServeReport(on.ModelName, InWords(plan, parsed.GetValue(TraceFile)), plan.Slo, await new ServeBench(plan).Measure(ct));
        report.Print();
        if (Device.Results(parsed) is not { } folder) return 0;
        var name = parsed.GetValue(Name) ?? $"serve-{on.ModelName}-{plan.Shape.Arrivals.ToString().ToLowerInvariant()}";
        var hardware = plan.OnGpu ? CudaDevice.Find(out _)[0].Name : ResultFile.Hardware();
        Console.WriteLine($"Written to {RecordedRun.Write(folder, "serve", name, hardware, report)}");
        if (plan.Shape.Arrivals != ArrivalKind.Burst) report.Chart(hardware).Write(Path.Combine(folder, $"{name}.svg"));
        return 0;
    }

    private static ServePlan Plan(ParseResult parsed, DevicePlan on)
    {
        var shape = new LoadShape(
            parsed.GetValue(Arrivals), parsed.GetValue(Requests), parsed.GetValue(Scale), LengthRange.Parse("--prompt", parsed.GetValue(Prompt)!), LengthRange.Parse("--output", parsed.GetValue(Output)!),
            parsed.GetValue(LongShare), LengthRange.Parse("--long-prompt", parsed.GetValue(LongPrompt)!), LengthRange.Parse("--long-output", parsed.GetValue(LongOutput)!));
        if (shape.Arrivals == ArrivalKind.Trace && parsed.GetValue(TraceFile) is null) throw new BenchException("--arrivals trace: there is no --trace");
        if (shape.Requests < 1) throw new BenchException("--requests: at least 1");
        var trace = parsed.GetValue(TraceFile) is { } file ? AzureTrace.Read(file, shape.Requests) : [];
        var onGpu = on.Kind == "cuda" || (on.Kind == "auto" && CudaDevice.Find(out _).Count > 0);
        string[] silo = ["--model", on.Config, "--device", onGpu ? "cuda" : "cpu", .. on.RandomWeights ? ["--random-weights"] : Array.Empty<string>(), .. parsed.GetValue(Silo) ?? []];
        return new ServePlan(
            parsed.GetValue(Servers) ?? [], [.. parsed.GetValue(Modes)!.Select(ServedMode.Parse)], parsed.GetValue(Fleet)!, silo, onGpu, parsed.GetValue(Vocabulary) ?? ModelFolder.Open(on.Config).Config.VocabularySize,
            shape, trace, new Slo(parsed.GetValue(FirstToken), parsed.GetValue(TokenGap) / 1e3, parsed.GetValue(Share)), parsed.GetValue(Rates) ?? [], parsed.GetValue(Start), parsed.GetValue(Tolerance), parsed.GetValue(Trials), parsed.GetValue(Runs), parsed.GetValue(WarmUp));
    }

    private static string InWords(ServePlan plan, string? trace)
    {
        var shape = plan.Shape;
        var lengths = trace is null ? $"{shape.Prompt.Least}..{shape.Prompt.Most} in, {shape.Output.Least}..{shape.Output.Most} out" : $"lengths of the first rows of {Path.GetFileName(trace)}";
        var longs = shape.LongShare > 0 ? $", {shape.LongShare:0.#%} of them {shape.LongPrompt.Least}..{shape.LongPrompt.Most} in, {shape.LongOutput.Least}..{shape.LongOutput.Most} out" : "";
        return $"{shape.Requests} requests, arrivals: {shape.Arrivals.ToString().ToLowerInvariant()}; {lengths}{longs}{(shape.Scale == 1 ? "" : $", lengths times {shape.Scale}")}";
    }
}
