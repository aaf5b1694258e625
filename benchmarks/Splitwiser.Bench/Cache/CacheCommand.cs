using System.CommandLine;
using Splitwiser.Gpu.Cuda;

namespace Splitwiser.Bench;

/// <summary><c>cache</c>: prompts with long shared beginnings, more than the pool holds: without a cache, with the device's own, and with main memory behind it.</summary>
internal static class CacheCommand
{
    private static readonly Option<string> Device = new("--device") { Description = "auto, cpu or cuda.", DefaultValueFactory = _ => "auto" };
    private static readonly Option<string> Shape = new("--shape") { Description = "Model folder; weights are random where it has none.", DefaultValueFactory = _ => Shapes.DemoModel };
    private static readonly Option<int> Pages = new("--pages") { Description = "Pages of the pool.", DefaultValueFactory = _ => 96 };
    private static readonly Option<double?> PoolGigabytes = new("--pool-gb") { Description = "Size of the pool in GB, instead of --pages." };
    private static readonly Option<double> Times = new("--working-set") { Description = "Size of the working set, in pools.", DefaultValueFactory = _ => 3 };
    private static readonly Option<double?> HostTimes = new("--host") { Description = "Size of the main memory behind the pool, in pools; 1.5 times the working set when absent: room for what is new in each round." };
    private static readonly Option<CacheWay[]> Ways = new("--ways") { Description = "What to compare: none, device, host.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [CacheWay.None, CacheWay.Device, CacheWay.Host] };
    private static readonly Option<bool> BatchInvariant = new("--batch-invariant") { Description = "GPU: a row's bits depend on its own tokens only, so that a hit's tokens must be a miss's." };
    private static readonly Option<int> Prompt = new("--prompt") { Description = "Tokens of a prompt.", DefaultValueFactory = _ => 400 };
    private static readonly Option<double> Shared = new("--shared") { Description = "Share of each prompt that is asked for again, 0.1 to 0.99.", DefaultValueFactory = _ => 0.9 };
    private static readonly Option<int> Output = new("--output") { Description = "Tokens of an answer.", DefaultValueFactory = _ => 16 };
    private static readonly Option<int> Rounds = new("--rounds") { Description = "Times that each prompt is asked for after the first.", DefaultValueFactory = _ => 4 };
    private static readonly Option<int> Together = new("--concurrency") { Description = "Requests at a time.", DefaultValueFactory = _ => 2 };
    private static readonly Option<int> Streams = new("--streams") { Description = "Sequences that decode beside them; 0 for none.", DefaultValueFactory = _ => 2 };
    private static readonly Option<int> Threads = new("--threads") { Description = "CPU: threads of the runner.", DefaultValueFactory = _ => Environment.ProcessorCount };
    private static readonly Option<string?> Results = new("--results") { Description = "Folder for the JSON file; none writes no file." };

    public static Command Create()
    {
        var command = new Command("cache", "A working set larger than the pool: hit rate, first token and time between tokens without a cache, with the device's pages, and with main memory behind them.")
        {
            Device, Shape, Pages, PoolGigabytes, Times, HostTimes, Ways, BatchInvariant, Prompt, Shared, Output, Rounds, Together, Streams, Threads, Results,
        };
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken ct)
    {
        var device = parsed.GetValue(Device);
        var shared = parsed.GetValue(Shared);
        var problem = device is not ("auto" or "cpu" or "cuda") ? $"--device: expected auto, cpu or cuda, found '{device}'"
            : shared is < 0.1 or > 0.99 || shared * parsed.GetValue(Prompt) < Gpu.Kv.PageId.Size ? $"--shared: expected 0.1 to 0.99, and a page of {Gpu.Kv.PageId.Size} tokens at least"
            : parsed.GetValue(Rounds) < 1 || parsed.GetValue(Together) < 1 || parsed.GetValue(Streams) < 0 ? "--rounds, --concurrency: expected at least 1; --streams: at least 0"
            : parsed.GetValue(Ways) is not { Length: > 0 } ways || ways.Distinct().Count() < ways.Length ? "--ways: expected some of none, device, host, each once"
            : null;
        if (problem is not null)
        {
            Console.Error.WriteLine(problem);
            return 2;
        }

        string explanation = "";
        var gpu = device == "cpu" ? null : CudaDevice.Find(out explanation).FirstOrDefault();
        if (gpu is null && device == "cuda")
        {
            Console.Error.WriteLine(explanation);
            return 1;
        }

        var shape = parsed.GetValue(Shape)!;
        double? bytes = parsed.GetValue(PoolGigabytes) * 1e9;
        var plan = new CachePlan(
            shape, bytes is null ? parsed.GetValue(Pages) : null, bytes, parsed.GetValue(Times), parsed.GetValue(HostTimes) ?? 1.5 * parsed.GetValue(Times), parsed.GetValue(Prompt), shared, parsed.GetValue(Output), parsed.GetValue(Rounds),
            parsed.GetValue(Together), parsed.GetValue(Streams), parsed.GetValue(Threads), parsed.GetValue(BatchInvariant), parsed.GetValue(Ways)!);
        var figures = await new CacheBench(gpu, plan).Measure(ct);
        if (parsed.GetValue(Results) is not { } folder) return 0;
        var path = gpu is null ? ResultFile.Write(folder, "cache", figures)
            : CardResults.Write(folder, "cache", $"{CardResults.NameOf(shape)}-{string.Join('-', plan.Ways).ToLowerInvariant()}{(plan.BatchInvariant ? "-invariant" : "")}", gpu.Name, [.. figures.Select(figure => new KernelFigure(figure.Name, figure.Value, figure.Unit, 0, ""))]);
        Console.WriteLine($"Written to {path}");
        return 0;
    }
}
