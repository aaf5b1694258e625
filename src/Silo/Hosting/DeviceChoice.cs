using System.Globalization;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Models;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Hosting;

/// <summary>This machine's GPUs; none, with the reason in words, where there is none to use. <see cref="CudaDevice.Find"/> but for tests.</summary>
internal delegate IReadOnlyList<CudaDevice> GpuFinder(out string explanation);

/// <summary>What a silo serves on, and the limits that follow from it where the options leave them open.</summary>
/// <param name="Gpus">One device each; none for the CPU.</param>
/// <param name="Reason">Why it is not a GPU; empty when it is.</param>
internal sealed record DeviceChoice(SplitwiserOptions Options, IReadOnlyList<CudaDevice> Gpus, string Reason)
{
    private const int MostOnCpu = 64;

    /// <summary>GPUs that could serve and were not asked for: an operator may open devices on them.</summary>
    public IReadOnlyList<CudaDevice> Spare { get; private init; } = [];

    public bool IsGpu => Gpus.Count > 0;

    /// <summary>Devices that the silo starts with.</summary>
    public int Count => IsGpu ? Gpus.Count : Options.Device == DeviceKind.None ? 0 : Options.CpuDevices ?? 1;

    /// <summary>Devices that there is hardware for.</summary>
    public int Most => IsGpu ? Gpus.Count + Spare.Count : Count == 0 ? 0 : MostOnCpu;

    public int MaxNumSeqs => Options.MaxNumSeqs ?? (IsGpu ? 256 : 64);

    public int MaxNumBatchedTokens => Options.MaxNumBatchedTokens ?? (IsGpu ? 8192 : 512);

    public double MemoryUtilization => Options.GpuMemoryUtilization ?? (IsGpu ? 0.9 : 0.25);

    /// <summary>The GPU of a device's number.</summary>
    public CudaDevice GpuOf(int index) => index < Gpus.Count ? Gpus[index] : Spare[index - Gpus.Count];

    /// <exception cref="BadConfigurationException">The options ask for devices that this machine lacks, or for what those can't do.</exception>
    public static DeviceChoice Of(SplitwiserOptions options, ModelConfig model, GpuFinder find)
    {
        if (options.Device == DeviceKind.None)
        {
            return options is { Devices: SplitwiserOptions.AllDevices, CpuDevices: null, Threads: null } ? new(options, [], "--device says so")
                : throw new BadConfigurationException("--device: with none there are no --devices, --cpu-devices or --threads");
        }

        if (options.Device == DeviceKind.Cpu)
            return options.Devices == SplitwiserOptions.AllDevices ? new(options, [], "--device says so") : throw new BadConfigurationException("--devices: names GPUs, and --device is cpu (see --cpu-devices)");
        var found = find(out var reason);
        if (found.Count > 0 && !CudaRunner.Covers(model, out var gap))
            (found, reason) = ([], gap);
        if (found.Count == 0)
        {
            return options is { Device: DeviceKind.Auto, Devices: SplitwiserOptions.AllDevices } ? new(options, [], reason)
                : throw new BadConfigurationException($"{(options.Devices == SplitwiserOptions.AllDevices ? "--device" : "--devices")}: there is no GPU to serve on: {reason}");
        }

        var choice = new DeviceChoice(options, [], "");
        List<string> problems = [];
        choice = choice with { Gpus = Named(options.Devices, found, problems) };
        choice = choice with { Spare = [.. found.Except(choice.Gpus)] };
        if (options.CpuDevices is not null || options.Threads is not null)
            problems.Add($"{(options.CpuDevices is not null ? "--cpu-devices" : "--threads")}: is for the CPU, and this silo serves on {found[0].Name}; say --device cpu or leave it out");
        if (choice.IsGpu && choice.MaxNumBatchedTokens < choice.MaxNumSeqs)
            problems.Add(Invariant($"--max-num-batched-tokens: expected at least --max-num-seqs, {choice.MaxNumSeqs}, found {choice.MaxNumBatchedTokens}"));
        return problems.Count == 0 ? choice : throw new BadConfigurationException(problems);
    }

    /// <summary>"all", or the driver's numbers: "0,2".</summary>
    private static List<CudaDevice> Named(string devices, IReadOnlyList<CudaDevice> found, List<string> problems)
    {
        if (devices == SplitwiserOptions.AllDevices) return [.. found];
        List<CudaDevice> named = [];
        foreach (var text in devices.Split(','))
        {
            var problem = !int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) ? $"expected all, or numbers parted by commas, found '{devices}'"
                : named.Any(device => device.Ordinal == ordinal) ? $"{ordinal} is there twice"
                : found.All(device => device.Ordinal != ordinal) ? Invariant($"there is no GPU {ordinal} to serve on; there is {string.Join(", ", found.Select(device => Invariant($"{device.Ordinal} ({device.Name})")))}")
                : null;
            if (problem is null) named.Add(found.First(device => device.Ordinal == ordinal));
            else problems.Add($"--devices: {problem}");
        }

        return named;
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
