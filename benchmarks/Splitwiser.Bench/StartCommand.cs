using System.CommandLine;
using System.Diagnostics;
using System.Net.Http.Json;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Models;

namespace Splitwiser.Bench;

/// <summary><c>start</c>: from the start of a silo's process, on a checkpoint in memory, to the first token that a client gets over HTTP.</summary>
internal static class StartCommand
{
    public static Command Create()
    {
        var shape = new Option<string>("--shape") { Description = "Folder with a config.json; the checkpoint's weights are random.", DefaultValueFactory = _ => Shapes.Llama1B };
        var folder = new Option<string>("--folder") { Description = "Where the checkpoint lies; written if it is not there.", Required = true };
        var silo = new Option<string>("--silo") { Description = "Splitwiser.Silo.dll.", DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "..", "silo", "Splitwiser.Silo.dll") };
        var cache = new Option<string>("--kernel-cache") { Description = "Emptied before the first start.", DefaultValueFactory = _ => Path.Combine(Path.GetTempPath(), "splitwiser-start-cache") };
        var runs = new Option<int>("--runs") { Description = "Starts with warm caches, after one with cold ones.", DefaultValueFactory = _ => 3 };
        var results = new Option<string?>("--results") { Description = "Folder for the JSON file; none writes no file." };
        var command = new Command("start", "Start to first token of a silo, cold and with warm caches, and its process's memory.") { shape, folder, silo, cache, runs, results };
        command.SetAction(async (parsed, ct) =>
        {
            var card = CudaDevice.Find(out var explanation) is [var device, ..] ? device.Name : null;
            if (card is null) Console.Error.WriteLine(explanation);
            var started = Stopwatch.GetTimestamp();
            var bytes = RandomCheckpoint.Write(parsed.GetValue(shape)!, parsed.GetValue(folder)!, ct);
            var figures = new List<KernelFigure>();
            Add(figures, new("checkpoint written", Stopwatch.GetElapsedTime(started).TotalSeconds, "s", bytes / 1e9, "GB"));
            if (Directory.Exists(parsed.GetValue(cache))) Directory.Delete(parsed.GetValue(cache)!, recursive: true);
            var starts = new List<Start>();
            for (var run = 0; run <= parsed.GetValue(runs); run++)
            {
                starts.Add(await Once(parsed.GetValue(silo)!, parsed.GetValue(folder)!, parsed.GetValue(cache)!, ct));
                Console.WriteLine($"  {(run == 0 ? "cold" : "warm")}: listens after {starts[^1].Listening:0.00} s, first token after {starts[^1].FirstToken:0.00} s");
            }
            Add(figures, starts[0].Figure("cold caches"));
            if (starts.Count > 1) Add(figures, starts.Skip(1).OrderBy(start => start.FirstToken).ElementAt((starts.Count - 1) / 2).Figure("warm caches"));
            Add(figures, new("most process memory, mapped files left out", starts.Max(start => start.PeakAnonymous) / 1e9, "GB", starts.Max(start => start.PeakFiles) / 1e9, "GB of other files"));
            Add(figures, new("most memory of mapped tmpfs files", starts.Max(start => start.PeakShared) / 1e9, "GB", starts.Max(start => start.SharedAtToken) / 1e9, "GB at the first token"));
            if (parsed.GetValue(results) is { } to)
                Console.WriteLine($"Written to {CardResults.Write(to, "start", CardResults.NameOf(parsed.GetValue(shape)!), card ?? "none", figures)}");
            return 0;
        });
        return command;
    }

    private static async Task<Start> Once(string silo, string folder, string cache, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [silo, "--model", folder, "--urls", "http://127.0.0.1:0", "--kernel-cache", cache, "--max-model-len", $"{Math.Min(8192, ModelFolder.Open(folder).Config.MaxPositions)}"]) { RedirectStandardOutput = true })!;
        try
        {
            await using var memory = new ProcessMemory(process.Id);
            var address = await Address(process, ct);
            var listening = Stopwatch.GetElapsedTime(started).TotalSeconds;
            using var http = new HttpClient { BaseAddress = address };
            using var request = new HttpRequestMessage(HttpMethod.Post, "v1/completions")
            {
                Content = JsonContent.Create(new { prompt = Enumerable.Range(1, 128).ToArray(), max_tokens = 4, temperature = 0, ignore_eos = true, stream = true }),
            };
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            response.EnsureSuccessStatusCode();
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct));
            while (await reader.ReadLineAsync(ct) is { } line && !line.StartsWith("data:", StringComparison.Ordinal)) { }
            var first = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var (_, _, shared) = memory.Now;
            await reader.ReadToEndAsync(ct);
            return new Start(listening, first, memory.PeakAnonymous, memory.PeakFiles, memory.PeakShared, shared);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>From the line "Serving NAME at http://..."; the lines before go on to this process's output.</summary>
    private static async Task<Uri> Address(Process process, CancellationToken ct)
    {
        while (await process.StandardOutput.ReadLineAsync(ct) is { } line)
        {
            Console.WriteLine($"    {line}");
            if (line.StartsWith("Serving ", StringComparison.Ordinal) && line.Split(' ').FirstOrDefault(word => word.StartsWith("http://", StringComparison.Ordinal)) is { } url) return new Uri(url.TrimEnd(','));
        }
        throw new InvalidOperationException("The silo did not start.");
    }

    private static void Add(List<KernelFigure> figures, KernelFigure figure)
    {
        figures.Add(figure);
        Console.WriteLine($"{figure.Name,-60} {figure.Value,10:0.00} {figure.Unit,-8} {figure.Rate,8:0.00} {figure.RateUnit}");
    }

    private sealed record Start(double Listening, double FirstToken, long PeakAnonymous, long PeakFiles, long PeakShared, long SharedAtToken)
    {
        public KernelFigure Figure(string caches) => new($"start to first token, {caches}", FirstToken, "s", Listening, "s until it listens");
    }
}
