using System.CommandLine;
using System.Diagnostics;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;

namespace Splitwiser.Bench;

/// <summary><c>kernels</c>: what each CUDA kernel and each kind of step reaches of what the card can do.</summary>
internal static class KernelCommand
{
    public static Command Create()
    {
        var shape = new Option<string>("--shape") { Description = "Folder with a config.json; its weights are random.", Required = true };
        var parts = new Option<string[]>("--parts") { Description = "registers, products, attention, overlap, rows, decode, mixed, prefill, engine.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["registers", "products", "attention", "rows", "decode", "prefill", "engine"] };
        var samples = new Option<int>("--samples") { Description = "Timed samples of everything; medians are reported.", DefaultValueFactory = _ => 7 };
        var results = new Option<string?>("--results") { Description = "Folder for the JSON file; none writes no file." };
        var invariant = new Option<bool>("--batch-invariant") { Description = "Steps with the runner's option BatchInvariant." };
        var splits = new Option<int[]>("--splits") { Description = "Decode steps also confined to parts of at least so many multiprocessors.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
        var command = new Command("kernels", "CUDA kernels and steps against the card's read rate and matrix rate.") { shape, parts, samples, results, invariant, splits };
        command.SetAction((parsed, ct) =>
        {
            var options = new CudaRunnerOptions { MaxModelLength = 16384, BatchInvariant = parsed.GetValue(invariant), Splits = parsed.GetValue(splits) };
            return Run(parsed.GetValue(shape)!, parsed.GetValue(parts)!, parsed.GetValue(samples), parsed.GetValue(results), options, ct);
        });
        return command;
    }

    private static async Task<int> Run(string shape, string[] parts, int samples, string? results, CudaRunnerOptions options, CancellationToken ct)
    {
        if (CudaDevice.Find(out var explanation) is not [var device, ..])
        {
            Console.Error.WriteLine(explanation);
            return 1;
        }
        var config = ModelFolder.Open(shape).Config;
        using var context = new CudaContext(device);
        using var clock = new KernelClock(device, samples);
        var figures = new List<KernelFigure>();
        using (var limits = new KernelLimits(clock))
        {
            Add(new KernelFigure("read rate", limits.BytesPerSecond / 1e9, "GB/s", 100, "%"));
            Add(new KernelFigure("matrix rate, 8192^3", limits.OperationsPerSecond / 1e12, "TFLOP/s", 100, "%"));
            using (var bench = new KernelBench(device, config, clock, limits))
            {
                if (parts.Contains("registers")) AddAll(bench.Registers());
                if (parts.Contains("attention")) AddAll(bench.DecodeAttention((1, 256), (1, 1024), (1, 8192), (16, 1024), (64, 1024), (32, 4096)).Concat(bench.PrefillAttention(1024, 2048, 4096, 8192)));
                if (parts.Contains("rows")) AddAll(bench.Rows(1, 64, 2048));
                if (parts.Contains("overlap")) AddAll(bench.Overlap((320, 64, 1024), (576, 64, 1024), (1088, 64, 1024), (544, 32, 4096), (1056, 32, 4096)));
                if (parts.Contains("products")) AddAll(bench.Products([1, 4, 8, 16, 32, 64, 128, 2048, 8192]));
            }
            if (parts.Intersect(["decode", "mixed", "prefill"]).Any()) Steps(limits);
        }
        if (parts.Contains("engine")) await Engine();
        if (results is not null) CardResults.Write(results, options.BatchInvariant ? "kernels-invariant" : "kernels", CardResults.NameOf(shape), device.Name, figures);
        return 0;

        void Steps(KernelLimits limits)
        {
            var started = Stopwatch.GetTimestamp();
            using var weights = ModelFolder.Open(shape).RandomWeights(seed: 1);
            Add(new KernelFigure("random weights", Stopwatch.GetElapsedTime(started).TotalSeconds, "s", 0, ""));
            started = Stopwatch.GetTimestamp();
            using var runner = CudaRunner.Create(device, weights, options);
            Add(new KernelFigure("runner ready", Stopwatch.GetElapsedTime(started).TotalSeconds, "s", runner.Info.PageCount, "pages"));
            var steps = new KernelSteps(runner, limits, samples);
            if (parts.Contains("decode")) AddAll(steps.Decode((1, 128), (1, 1024), (8, 1024), (16, 1024), (32, 1024), (64, 1024), (128, 512), (256, 512), (32, 4096)));
            if (parts.Contains("decode"))
                foreach (var split in runner.Info.Splits) AddAll(steps.Decode(split, (64, 1024), (32, 4096)));
            if (parts.Contains("mixed")) AddAll(steps.Mixed((256, 2048, 64, 1024), (512, 2048, 64, 1024), (1024, 2048, 64, 1024), (512, 8192, 32, 4096)));
            if (parts.Contains("prefill")) AddAll(steps.Prefill(128, 1024, 2048, 4000, 8192));
        }

        async Task Engine()
        {
            using var weights = ModelFolder.Open(shape).RandomWeights(seed: 1);
            using var runner = CudaRunner.Create(device, weights, options with { Splits = [] });
            foreach (var mode in new[] { PhaseMode.Chunked, PhaseMode.Serial, PhaseMode.Streams, PhaseMode.Adaptive }) AddAll(await KernelEngine.Measure(runner, mode, 3, ct));
        }

        void AddAll(IEnumerable<KernelFigure> more)
        {
            foreach (var figure in more) Add(figure);
        }

        void Add(KernelFigure figure)
        {
            figures.Add(figure);
            Console.WriteLine($"{figure.Name,-60} {figure.Value,10:0.00} {figure.Unit,-8} {figure.Rate,8:0.0} {figure.RateUnit}");
        }
    }
}
