using Splitwiser.Gpu.Cuda;
using Splitwiser.Models;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Splitwiser.Gpu.Tests;

/// <summary>The GPU under test. Asking for it skips the test on a machine that has none.</summary>
internal sealed class Card
{
    private static readonly Lazy<(Card? Card, string Explanation)> First = new(() =>
        CudaDevice.Find(out var explanation) is [var device, ..] ? (new Card(device), explanation) : (null, explanation));

    private readonly Dictionary<ModelConfig, ModelKernels> kernels = [];
    private readonly CudaContext context;

    private Card(CudaDevice device)
    {
        Device = device;
        context = new CudaContext(device);
        Stream = new CudaStream();
    }

    /// <summary>Current on the calling thread.</summary>
    public static Card Required
    {
        get
        {
            var (card, explanation) = First.Value;
            if (card is null) Assert.Skip(explanation);
            card.context.MakeCurrent();
            return card;
        }
    }

    public CudaDevice Device { get; }
    public CudaStream Stream { get; }

    public ModelKernels Kernels(int headSize = 64, float cap = 0) => Kernels(Shape(headSize) with { AttentionSoftcap = cap > 0 ? cap : null });

    public ModelKernels Kernels(ModelConfig model)
    {
        if (kernels.TryGetValue(model, out var made)) return made;
        return kernels[model] = new ModelKernels(Device, model, cacheFolder: null);
    }

    /// <summary>The smallest config that has this head size.</summary>
    public static ModelConfig Shape(int headSize) => new()
    {
        Family = ModelFamily.Llama, VocabularySize = 64, HiddenSize = 64, IntermediateSize = 64, LayerCount = 1, HeadCount = 1, KvHeadCount = 1,
        HeadSize = headSize, MaxPositions = 64, NormEpsilon = 1e-5f, Rope = new RopeConfig(10000),
    };
}
