using System.Net;
using System.Net.Sockets;
using Splitwiser.Client.CommandLine;
using Splitwiser.Client.CommandLine.Servers;

namespace Splitwiser.Bench.Kill;

/// <summary>A cluster of silo processes on this machine, and a client outside of them that knows every gateway.</summary>
internal sealed class SiloProcesses : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly KillPlan plan;
    private readonly string? logs;
    private readonly SiloProcess?[] silos;
    private readonly (int Silo, int Gateway)[] ports;
    private readonly string clusterId = $"kill-{Guid.NewGuid():N}";
    private readonly HttpClient http = new();
    private int starts;
    private ClusterServer? client;

    private SiloProcesses(KillPlan plan, string? logs)
    {
        (this.plan, this.logs) = (plan, logs);
        silos = new SiloProcess?[plan.Silos];
        ports = new (int, int)[plan.Silos];
        var free = FreePorts(2 * plan.Silos);
        for (var i = 0; i < ports.Length; i++) ports[i] = (free[2 * i], free[(2 * i) + 1]);
    }

    public IGrainFactory Grains => client!.Grains;

    /// <param name="logs">Folder for what the silos write; null for nowhere.</param>
    public static async Task<SiloProcesses> Start(KillPlan plan, string? logs, CancellationToken ct)
    {
        var cluster = new SiloProcesses(plan, logs);
        try
        {
            for (var number = 0; number < plan.Silos; number++) await cluster.Launch(number, ct);
            var place = new ClusterPlace([.. cluster.ports.Select(port => $"127.0.0.1:{port.Gateway}")], cluster.clusterId, Service, Tls);
            cluster.client = await ClusterRoute.Connect(place, ct) ?? throw new BenchException("this build runs the embedded actor engine, which knows no clusters of processes; build with -p:OrleansEngine=Microsoft for that");
            await cluster.EveryDeviceIsKnown(ct);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public static string NameOf(int number) => $"silo{number + 1}";

    /// <summary>SIGKILL: it says goodbye to nobody.</summary>
    public async Task Kill(int number)
    {
        await silos[number]!.DisposeAsync();
        silos[number] = null;
    }

    public async Task Restart(int number, CancellationToken ct)
    {
        await Launch(number, ct);
        await EveryDeviceIsKnown(ct);
    }

    /// <summary>Pages that the devices still count as leased, once they had the time to give them all back.</summary>
    public async Task<int> LeasedPages(CancellationToken ct)
    {
        for (var looks = 0; ; looks++)
        {
            var alive = (await Snapshot(ct)).Devices.Where(device => silos[NumberOf(device)] is not null).ToList();
            var leased = alive.Sum(device => device.Pages.Leased);
            if (alive.Count == silos.Count(silo => silo is not null) && (leased == 0 || looks >= 200)) return leased;
            await Task.Delay(Look, ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (client is not null) await client.DisposeAsync();
        foreach (var silo in silos)
            if (silo is not null) await silo.DisposeAsync();
        http.Dispose();
    }

    private static string Service => "splitwiser";

    private static TlsFiles? Tls => Clustering("Tls__CertFile") is { } cert ? new(cert, Clustering("Tls__KeyFile")!, Clustering("Tls__CaFile")!) : null;

    private static string? Clustering(string setting) => Environment.GetEnvironmentVariable($"Splitwiser__Clustering__{setting}");

    private static int NumberOf(DeviceReport device) => int.Parse(device.Device.AsSpan("silo".Length, device.Device.IndexOf('/') - "silo".Length), System.Globalization.CultureInfo.InvariantCulture) - 1;

    private async Task Launch(int number, CancellationToken ct)
    {
        var settings = new Dictionary<string, string>
        {
            ["Provider"] = plan.Provider, ["ClusterId"] = clusterId, ["ServiceId"] = Service,
            ["SiloPort"] = $"{ports[number].Silo}", ["GatewayPort"] = $"{ports[number].Gateway}",
        };
        settings[plan.Provider == "Localhost" ? "PrimaryPort" : "AdvertisedAddress"] = plan.Provider == "Localhost" ? $"{ports[0].Silo}" : "127.0.0.1";
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(StartDeadline);
        string[] options =
        [
            "--model", plan.Model, "--device", "cpu", "--threads", "1", "--silo-name", NameOf(number),
            "--max-num-seqs", $"{plan.Streams}", "--num-gpu-blocks-override", $"{4 * plan.Streams}", // one device can take them all
        ];
        var silo = silos[number] = await SiloProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "Splitwiser.Silo.dll"), options, settings.ToDictionary(setting => $"Splitwiser__Clustering__{setting.Key}", setting => setting.Value),
            logs is null ? null : Path.Combine(logs, $"{NameOf(number)}-{++starts}.log"), deadline.Token);
        while (!await IsReady(silo, deadline.Token))
        {
            if (silo.HasEnded) throw new BenchException($"{NameOf(number)} ended by itself");
            await Task.Delay(Look, deadline.Token);
        }
    }

    private async Task<bool> IsReady(SiloProcess silo, CancellationToken ct)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(silo.Address, "ready"), ct);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // it has ended, or does not listen yet
        }
    }

    /// <summary>Every silo has reported from its new life: the reports of a dead one have left the directory, or are older than a live one's.</summary>
    private async Task EveryDeviceIsKnown(CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(StartDeadline);
        while ((await Snapshot(deadline.Token)).Devices.Count(device => device.Open && device.Age < TimeSpan.FromSeconds(1)) < plan.Silos) await Task.Delay(Look, deadline.Token);
    }

    /// <summary>Asks again where the directory was on the silo that has just died.</summary>
    private async Task<DeviceSnapshot> Snapshot(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await Grains.GetGrain<IDeviceDirectoryGrain>(0).Snapshot(ct).WaitAsync(Patience, ct);
            }
            catch (Exception error) when (error is OrleansMessageRejectionException or TimeoutException)
            {
                await Task.Delay(Look, ct);
            }
        }
    }

    /// <summary>Of those that no connection is given: one that takes a dead silo's port would keep it from starting again.</summary>
    private static int[] FreePorts(int count)
    {
        var ports = new HashSet<int>();
        while (ports.Count < count)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                ports.Add(port);
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }

        return [.. ports];
    }
}
