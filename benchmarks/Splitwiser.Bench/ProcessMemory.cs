using System.Globalization;

namespace Splitwiser.Bench;

/// <summary>Memory of another process, as Linux counts it, in bytes; watched until disposed.</summary>
internal sealed class ProcessMemory : IAsyncDisposable
{
    private readonly int id;
    private readonly PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
    private readonly Task watch;

    public ProcessMemory(int id)
    {
        this.id = id;
        watch = Watch();
    }

    /// <summary>Most that the process had beside mapped files and shared memory, and most of the latter (which a file in tmpfs counts as).</summary>
    public long PeakAnonymous { get; private set; }

    public long PeakShared { get; private set; }
    public long PeakFiles { get; private set; }

    /// <summary>What this process has beside mapped files and shared memory.</summary>
    public static long OfThisProcess => Of(Environment.ProcessId).Anonymous;

    public (long Anonymous, long Files, long Shared) Now => Of(id);

    private static (long Anonymous, long Files, long Shared) Of(int id)
    {
        var fields = File.ReadLines($"/proc/{id}/status").Where(line => line.StartsWith("Rss", StringComparison.Ordinal))
            .ToDictionary(line => line[..line.IndexOf(':')], line => long.Parse(line.AsSpan(line.IndexOf(':') + 1).TrimEnd("kB "), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) * 1024);
        return (fields["RssAnon"], fields["RssFile"], fields["RssShmem"]);
    }

    public async ValueTask DisposeAsync()
    {
        timer.Dispose();
        await watch;
    }

    private async Task Watch()
    {
        while (await timer.WaitForNextTickAsync())
        {
            try
            {
                var (anonymous, files, shared) = Now;
                (PeakAnonymous, PeakFiles, PeakShared) = (Math.Max(PeakAnonymous, anonymous), Math.Max(PeakFiles, files), Math.Max(PeakShared, shared));
            }
            catch (Exception gone) when (gone is IOException or KeyNotFoundException or UnauthorizedAccessException)
            {
                return;     // it has ended
            }
        }
    }
}
