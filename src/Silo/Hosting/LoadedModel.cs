using System.Globalization;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Phases;
using Splitwiser.Grains;
using Splitwiser.Models;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Hosting;

/// <summary>A model folder that was read and checked against the options; its weights come with <see cref="Load"/> and go with the last device.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly SplitwiserOptions options;
    private readonly ModelFolder folder;
    private DecoderWeights? weights;
    private int closedDevices;

    private LoadedModel(SplitwiserOptions options, ModelFolder folder, ServedModel served) =>
        (this.options, this.folder, Served) = (options, folder, served);

    public ServedModel Served { get; }

    public string Path => folder.Path;

    /// <summary>Reads the folder's small files.</summary>
    /// <exception cref="BadConfigurationException">The options ask for what the model can't do.</exception>
    /// <exception cref="ModelFormatException">A file is missing, broken, or asks for something that isn't supported.</exception>
    public static LoadedModel Open(SplitwiserOptions options)
    {
        var folder = ModelFolder.Open(options.Model);
        var limit = folder.Config.MaxPositions;
        if (options.MaxModelLen > limit)
            throw new BadConfigurationException(string.Create(CultureInfo.InvariantCulture, $"--max-model-len: {folder.Name} takes at most {limit} tokens, found {options.MaxModelLen}"));
        var served = ServedModel.From(folder, options.ServedModelName, options.MaxModelLen);
        return new(options, folder, served);
    }

    /// <summary>Reads the weights, or draws them.</summary>
    /// <exception cref="ModelFormatException">A file or tensor is missing, broken or of the wrong shape or type.</exception>
    public void Load(IProgress<LoadProgress>? progress = null) =>
        weights = options.RandomWeights ? folder.RandomWeights(options.Seed) : folder.LoadWeights(progress);

    /// <summary>The devices of one silo, which share the weights. Loads those if nobody has.</summary>
    public DeviceSet Devices(IServiceProvider services)
    {
        if (weights is null)
            Load();
        var pages = PageBudget.PagesPerDevice(options, CpuRunner.PageBytesOf(folder.Config), Served.MaxModelLength, FreeMemory.Bytes());
        return new(Served, options.CpuDevices, _ => Open(pages, services));
    }

    /// <summary>Gives the weights back. No device may be open.</summary>
    public void Dispose()
    {
        weights?.Dispose();
        weights = null;
    }

    private DeviceWorker Open(int pages, IServiceProvider services)
    {
        var runner = new CpuRunner(weights!, new()
        {
            Threads = options.Threads ?? Math.Max(1, Environment.ProcessorCount / options.CpuDevices),
            PageCount = pages,
            MaxRows = options.MaxNumSeqs,
            MaxTokens = options.MaxNumBatchedTokens,
            MaxSequences = options.MaxNumSeqs,
        });
        try
        {
            var worker = new DeviceWorker(runner, WorkerOptions(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<DeviceWorker>>());
            worker.Closed.ContinueWith(_ => Closed(runner), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return worker;
        }
        catch
        {
            runner.Dispose();
            throw;
        }
    }

    private void Closed(CpuRunner runner)
    {
        runner.Dispose();
        if (Interlocked.Increment(ref closedDevices) == options.CpuDevices)
            Dispose();
    }

    private DeviceOptions WorkerOptions() => new()
    {
        Mode = options.PhaseMode,
        MaxModelLength = Served.MaxModelLength,
        MaxSequences = options.MaxNumSeqs,
        MaxBatchedTokens = options.MaxNumBatchedTokens,
        QueueLimit = options.QueueLimit,
        PrefixCaching = options.EnablePrefixCaching,
        ConsumerIdleTimeout = TimeSpan.FromSeconds(options.ConsumerIdleTimeout),
        ItlTarget = TimeSpan.FromMilliseconds(options.ItlTarget),
    };
}
