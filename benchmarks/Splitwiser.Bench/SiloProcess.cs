using System.Diagnostics;

namespace Splitwiser.Bench;

/// <summary>A silo in a process of its own, as its users start it.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private readonly Process process;

    private SiloProcess(Process process) => this.process = process;

    public Uri Address { get; private set; } = null!;

    public bool HasEnded => process.HasExited;

    /// <summary>Processor time that it has taken so far.</summary>
    public double ProcessorSeconds
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <param name="assembly">Splitwiser.Silo.dll.</param>
    /// <param name="environment">Set for it, beside this process's own.</param>
    /// <param name="log">File for what it writes; null for nowhere.</param>
    public static async Task<SiloProcess> Start(string assembly, IEnumerable<string> options, IReadOnlyDictionary<string, string> environment, string? log, CancellationToken ct)
    {
        var start = new ProcessStartInfo("dotnet", [assembly, "--urls", "http://127.0.0.1:0", .. options]) { RedirectStandardOutput = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var silo = new SiloProcess(Process.Start(start)!);
        var written = log is null ? StreamWriter.Null : new StreamWriter(log) { AutoFlush = true };
        try
        {
            silo.Address = await silo.Listening(written, ct);
        }
        catch
        {
            await silo.DisposeAsync();
            await written.DisposeAsync();
            throw;
        }

        _ = silo.Copy(written); // or a full pipe would stop it
        return silo;
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>From the line "Serving NAME at http://...".</summary>
    private async Task<Uri> Listening(StreamWriter written, CancellationToken ct)
    {
        while (await process.StandardOutput.ReadLineAsync(ct) is { } line)
        {
            await written.WriteLineAsync(line);
            if (line.StartsWith("Serving ", StringComparison.Ordinal) && line.Split(' ').FirstOrDefault(word => word.StartsWith("http://", StringComparison.Ordinal)) is { } url)
                return new Uri(url.TrimEnd(','));
        }

        throw new BenchException("the silo did not start");
    }

    private async Task Copy(StreamWriter written)
    {
        await using (written)
            while (await process.StandardOutput.ReadLineAsync() is { } line) await written.WriteLineAsync(line);
    }
}
