using System.Globalization;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Phases;
using Splitwiser.Grains;
using Splitwiser.Models;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Hosting;

/// <summary>A model folder that was read and checked against the options; its weights come with <see cref="Load"/> and go with the last device.</summary>
internal sealed class LoadedModel : IAsyncDisposable
{
    private readonly SplitwiserOptions options;
    private readonly ModelFolder folder;
    private readonly List<Task> closings = []; // of the opened devices; the silo disposes their runners itself
    private DecoderWeights? weights;

    private LoadedModel(SplitwiserOptions options, ModelFolder folder, ServedModel served, ServedChat chat) =>
        (this.options, this.folder, Served, Chat) = (options, folder, served, chat);

    public ServedModel Served { get; }

    public ServedChat Chat { get; }

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
        return new(options, folder, served, ServedChat.Open(folder, options.ChatTemplate));
    }

    /// <summary>Reads the weights, or draws them.</summary>
    /// <exception cref="ModelFormatException">A file or tensor is missing, broken or of the wrong shape or type.</exception>
    public void Load(IProgress<LoadProgress>? progress = null) =>
        weights = options.RandomWeights ? folder.RandomWeights(options.Seed, progress) : folder.LoadWeights(progress);

    /// <summary>The devices of one silo, which share the weights. Loads those if nobody has.</summary>
    public DeviceSet Devices(IServiceProvider services)
    {
        if (weights is null)
            Load();
        var pages = PageBudget.PagesPerDevice(options, CpuRunner.PageBytesOf(folder.Config), Served.MaxModelLength, FreeMemory.Bytes());
        return new(Served, options.CpuDevices, _ => Open(pages, services));
    }

    /// <summary>Gives the weights back, once no device that was opened computes any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(closings);
        Interlocked.Exchange(ref weights, null)?.Dispose();
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
            closings.Add(worker.Closed);
            if (closings.Count == options.CpuDevices)
                _ = DisposeAsync().AsTask(); // a silo of a user's own has nobody else to do it
            return worker;
        }
        catch
        {
            runner.Dispose();
            throw;
        }
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
