using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Splitwiser.Bench.Devices;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Bench.Paper;

/// <summary>
/// A process that has a part of the prompts: data parallelism on one device. It says "ready", then runs once for each line "OUTPUT BATCH"
/// that it reads, and answers with a line of JSON.
/// </summary>
internal sealed class PaperHalf : IDisposable
{
    public const string Command = "paper-part";
    private const string Ready = "ready";

    private readonly Process process;

    private PaperHalf(Process process) => this.process = process;

    /// <summary>Starts a process and waits until it is ready.</summary>
    /// <param name="arguments">Those of the paper command.</param>
    public static async Task<PaperHalf> Start(IEnumerable<string> arguments, int part, int parts, CancellationToken ct)
    {
        var program = Environment.ProcessPath!;
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        var half = new PaperHalf(Process.Start(new ProcessStartInfo(program, [.. self, Command, .. arguments, "--part", $"{part}", "--parts", $"{parts}"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
        try
        {
            await half.Line(line => line == Ready, ct);
        }
        catch
        {
            half.Dispose();
            throw;
        }

        return half;
    }

    public async Task<PartRun> Run(int output, int batch, CancellationToken ct)
    {
        await process.StandardInput.WriteLineAsync($"{output} {batch}".AsMemory(), ct);
        await process.StandardInput.FlushAsync(ct);
        return JsonSerializer.Deserialize<PartRun>(await Line(line => line.StartsWith('{'), ct))!;
    }

    public void Dispose()
    {
        process.StandardInput.Close();      // its loop ends with its input
        if (!process.WaitForExit(TimeSpan.FromSeconds(30))) process.Kill();
        process.Dispose();
    }

    /// <summary>What the process does.</summary>
    public static async Task<int> Serve(DevicePlan on, PaperPlan plan, int part, int parts, CancellationToken ct)
    {
        var sequences = Math.Max(1, plan.MostSequences / parts);
        using var device = BenchDevice.Open(on, PaperSizes.For(plan, on, sequences, parts), ct);
        var watch = new StepWatch(device.Runner);
        var prompts = PaperBench.Prompts(plan, device.Runner.Model.VocabularySize, part, parts);
        Console.WriteLine(Ready);
        while (await Console.In.ReadLineAsync(ct) is { } line)
        {
            var numbers = line.Split(' ').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray();
            var batch = PaperSizes.Fitting(Math.Min(numbers[1], sequences), device.Runner.Info.PageCount, plan.Prompt, numbers[0]);
            await using var worker = PaperBench.Open(device, watch, plan, PhaseMode.Serial, batch, plan.StepTokens);
            var run = await PaperRun.Measure(device, watch, worker, prompts, numbers[0], prompts.Length, ct);
            Console.WriteLine(JsonSerializer.Serialize(new PartRun(run, device.MemoryInUse, device.IsGpu)));
        }

        return 0;
    }

    private async Task<string> Line(Func<string, bool> wanted, CancellationToken ct)
    {
        while (await process.StandardOutput.ReadLineAsync(ct) is { } line)
            if (wanted(line)) return line;
        throw new BenchException("One of the processes ended before its time; it has said why on the error stream.");
    }
}

/// <summary>What one of the processes measured.</summary>
/// <param name="MemoryIsShared">The memory is that of the device, of all processes together.</param>
internal sealed record PartRun(PaperRun Run, long MemoryBytes, bool MemoryIsShared);
