using System.Diagnostics;

namespace Splitwiser.Bench;

/// <summary>A silo in a process of its own, as its users start it.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private readonly Process process;

    private SiloProcess(Process process) => this.process = process;

    public Uri Address { get; private set; } = null!;

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
    public static async Task<SiloProcess> Start(string assembly, IEnumerable<string> options, CancellationToken ct)
    {
        var start = new ProcessStartInfo("dotnet", [assembly, "--urls", "http://127.0.0.1:0", .. options]) { RedirectStandardOutput = true };
        var silo = new SiloProcess(Process.Start(start)!);
        silo.Address = await silo.Listening(ct);
        _ = silo.process.StandardOutput.ReadToEndAsync(CancellationToken.None); // or a full pipe would stop it
        return silo;
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>From the line "Serving NAME at http://...".</summary>
    private async Task<Uri> Listening(CancellationToken ct)
    {
        while (await process.StandardOutput.ReadLineAsync(ct) is { } line)
            if (line.StartsWith("Serving ", StringComparison.Ordinal) && line.Split(' ').FirstOrDefault(word => word.StartsWith("http://", StringComparison.Ordinal)) is { } url)
                return new Uri(url.TrimEnd(','));
        throw new InvalidOperationException("The silo did not start.");
    }
}
