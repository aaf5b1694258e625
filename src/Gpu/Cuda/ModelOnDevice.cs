using Splitwiser.Models;

namespace Splitwiser.Gpu.Cuda;

/// <summary>What the lanes of a device share: the model, its kernels and the pages.</summary>
/// <param name="Blas">cuBLASLt's handle.</param>
/// <param name="Timed">Null where algorithms are not timed.</param>
internal sealed record ModelOnDevice(
    CudaContext Context, ModelConfig Model, CudaRunnerOptions Options, DeviceWeights Weights, KvPages Pages, RopeTurns? Turns, ModelKernels Kernels, nint Blas, TimedAlgorithms? Timed);
