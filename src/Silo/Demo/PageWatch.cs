using Splitwiser.Gpu.Kv;
using Splitwiser.Grains;

namespace Splitwiser.Silo.Demo;

/// <summary>Watches the pages of all devices of the silo during a run.</summary>
internal sealed class PageWatch(LocalDevices devices)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(5);

    public PoolAccounts Now => devices.All.Select(device => device.Pages)
        .Aggregate(default(PoolAccounts), (a, b) => new(a.Free + b.Free, a.Leased + b.Leased, a.Cached + b.Cached, a.Total + b.Total));

    /// <summary>The accounts at the moment when most pages were leased, until the run is over.</summary>
    public async Task<PoolAccounts> Peak(Task run)
    {
        var peak = Now;
        using var timer = new PeriodicTimer(Period);
        while (!run.IsCompleted && await timer.WaitForNextTickAsync())
        {
            if (Now is var now && now.Leased > peak.Leased)
                peak = now;
        }

        return peak;
    }

    /// <summary>The accounts once no page is leased, or at the deadline: a page that is still leased then has leaked.</summary>
    public async Task<PoolAccounts> Settled(TimeSpan deadline)
    {
        using var timer = new PeriodicTimer(Period);
        for (var left = deadline / Period; left > 0 && Now.Leased > 0; left--)
            await timer.WaitForNextTickAsync();
        return Now;
    }
}
