using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Phases;
using Splitwiser.Grains;
using Splitwiser.Models;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Hosting;

/// <summary>
/// A model folder that was read and checked against the options and this machine's devices. Its weights come with <see cref="Load"/>;
/// on GPUs they go as soon as each has its copy, on the CPU with the last device.
/// </summary>
internal sealed class LoadedModel : IAsyncDisposable
{
    private readonly SplitwiserOptions options;
    private readonly ModelFolder folder;
    private readonly DeviceChoice choice;
    private readonly WeightLoan weights;
    private readonly ConcurrentBag<Task> closings = []; // of the opened devices; the silo disposes their runners itself
    private int opened;
    private bool loaded; // holds the weights for the devices that the silo starts with

    private LoadedModel(SplitwiserOptions options, ModelFolder folder, DeviceChoice choice, ServedModel served, ServedChat chat)
    {
        (this.options, this.folder, this.choice, Served, Chat) = (options, folder, choice, served, chat);
        weights = new(progress => options.RandomWeights ? folder.RandomWeights(options.Seed, progress)
            : choice.IsGpu ? folder.MapWeights() // the upload reads them
            : folder.LoadWeights(progress));
    }

    public ServedModel Served { get; }

    public ServedChat Chat { get; }

    public string Path => folder.Path;

    private ImmutableArray<ImmutableArray<int>> Pinned { get; init; } = [];

    /// <summary>Reads the folder's small files and looks for GPUs.</summary>
    /// <param name="gpus">Null for those of this machine.</param>
    /// <exception cref="BadConfigurationException">The options ask for what the model or this machine can't do.</exception>
    /// <exception cref="ModelFormatException">A file is missing, broken, or asks for something that isn't supported.</exception>
    public static LoadedModel Open(SplitwiserOptions options, GpuFinder? gpus = null)
    {
        var folder = ModelFolder.Open(options.Model);
        var limit = folder.Config.MaxPositions;
        if (options.MaxModelLen > limit)
            throw new BadConfigurationException(string.Create(CultureInfo.InvariantCulture, $"--max-model-len: {folder.Name} takes at most {limit} tokens, found {options.MaxModelLen}"));
        var choice = DeviceChoice.Of(options, folder.Config, gpus ?? CudaDevice.Find);
        var chat = ServedChat.Open(folder, options);
        var served = ServedModel.From(folder, options.ServedModelName, options.MaxModelLen) with
        {
            Pooling = PoolingChoice.Of(folder.Path, options.Pooling),
            ChatTemplate = chat.Template,
            AnswerFormat = chat.Format,
        };
        return new(options, folder, choice, served, chat) { Pinned = PinnedPrompts.Read(options, served) };
    }

    /// <summary>Reads the weights, or draws them; nothing for a silo without devices. For GPUs the files are only mapped.</summary>
    /// <exception cref="ModelFormatException">A file or tensor is missing, broken or of the wrong shape or type.</exception>
    public void Load(IProgress<LoadProgress>? progress = null)
    {
        if (choice.Count == 0 || loaded)
            return;
        weights.Take(progress);
        loaded = true;
    }

    /// <summary>The devices of one silo. The weights are read when the first one is opened, if nobody has.</summary>
    public DeviceSet Devices(IServiceProvider services)
    {
        var runners = new Lazy<Func<DecoderWeights, int, IModelRunner>>(() => Runners(services.GetRequiredService<ILogger<LoadedModel>>()));
        return new(Served, choice.Count, index => Open(runners.Value, index, services)) { Most = choice.Most, PinnedPrompts = Pinned };
    }

    /// <summary>Gives the weights back, once no device that was opened computes with them any more.</summary>
    public async ValueTask DisposeAsync()
    {
        LetGo();
        if (!choice.IsGpu) // a GPU computes with its own copy
            await Task.WhenAll(closings);
    }

    private Func<DecoderWeights, int, IModelRunner> Runners(ILogger logger)
    {
        if (choice.IsGpu)
            return new GpuRunners(choice, folder.Config, Served.MaxModelLength, logger).Open;
        if (options.Device == DeviceKind.Auto)
            Log.NoGpu(logger, choice.Reason);
        return new CpuRunners(choice, folder.Config, Served.MaxModelLength).Open;
    }

    private DeviceWorker Open(Func<DecoderWeights, int, IModelRunner> make, int index, IServiceProvider services)
    {
        var taken = weights.Take();
        IModelRunner? runner = null;
        try
        {
            runner = make(taken, index);
            var worker = new DeviceWorker(runner, WorkerOptions(runner.Info), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<DeviceWorker>>(), Served.Grammars);
            if (choice.IsGpu)
                weights.Give();
            else
                closings.Add(worker.Closed.ContinueWith(_ => weights.Give(), TaskScheduler.Default));
            if (Interlocked.Increment(ref opened) == choice.Count)
                LetGo(); // a silo of a user's own has nobody else to do it
            return worker;
        }
        catch
        {
            runner?.Dispose();
            weights.Give();
            throw;
        }
    }

    private void LetGo()
    {
        if (Interlocked.Exchange(ref loaded, false))
            weights.Give();
    }

    private DeviceOptions WorkerOptions(RunnerInfo runner) => new()
    {
        Mode = options.PhaseMode,
        MaxModelLength = Served.MaxModelLength,
        MaxSequences = choice.MaxNumSeqs,
        MaxBatchedTokens = choice.MaxNumBatchedTokens,
        QueueLimit = options.QueueLimit,
        TtftTarget = TimeSpan.FromMilliseconds(options.TtftTarget),
        PrefixCaching = options.EnablePrefixCaching,
        HostPages = runner.HostPageCount,
        MaxPinnedPages = (int)(options.MaxPinnedShare * runner.PageCount),
        ConsumerIdleTimeout = TimeSpan.FromSeconds(options.ConsumerIdleTimeout),
        ItlTarget = TimeSpan.FromMilliseconds(options.ItlTarget),
        DecodeProcessors = options.DecodeSms,
        CostFolder = choice.IsGpu ? options.KernelCache ?? CudaRunnerOptions.DefaultKernelCache : null,
    };
}
