namespace Orleans.TestingHost;

/// <summary>A silo of a test cluster.</summary>
public abstract class SiloHandle : IAsyncDisposable
{
    public string Name { get; set; } = "";
    public short InstanceNumber { get; set; }
    public SiloAddress SiloAddress { get; set; } = null!;
    public abstract bool IsActive { get; }

    /// <param name="stopGracefully">Whether the silo takes its leave; if not, it is as if its process had crashed.</param>
    public abstract Task StopSiloAsync(bool stopGracefully);
    public abstract ValueTask DisposeAsync();
    public override string ToString() => $"{Name} {SiloAddress}";
}

/// <summary>A silo that runs in this process.</summary>
public class InProcessSiloHandle : SiloHandle
{
    private int stopped;

    public IHost SiloHost { get; init; } = null!;
    public override bool IsActive => stopped == 0;

    public override async Task StopSiloAsync(bool stopGracefully)
    {
        if (Interlocked.Exchange(ref stopped, 1) == 1) return;
        try { await Task.Run(() => SiloHost.StopAsync(new(canceled: !stopGracefully))); }
        finally { await ((IAsyncDisposable)SiloHost).DisposeAsync(); }
    }

    public override async ValueTask DisposeAsync() => await StopSiloAsync(stopGracefully: true);
}
