using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;

namespace Splitwiser.Gpu.Tests.Faults;

/// <summary>A CUDA runner on whose device, once armed, a kernel traps before the next step.</summary>
internal sealed class PlantedRunner : IModelRunner
{
    private const string Source = """
        #include "Common.cuh"
        struct TrapParams { u32* never; };
        extern "C" __global__ void trap(const __grid_constant__ TrapParams p)
        {
            if (p.never == nullptr) asm volatile("trap;");
            else *p.never = 1;
        }
        """;

    private readonly Card card;
    private readonly CudaRunner inner;
    private readonly CudaModule module;
    private readonly CudaKernel trap;
    private volatile bool armed;
    private int passes;     // decode steps before the one that traps

    public PlantedRunner(Card card, CudaRunner inner)
    {
        (this.card, this.inner) = (card, inner);
        module = new KernelCompiler(card.Device, KernelCompiler.DefaultCacheFolder).LoadSource("Trap.cu", Source);
        trap = module.Kernel("trap", card.Device);
    }

    public ModelConfig Model => inner.Model;
    public RunnerInfo Info => inner.Info;

    /// <summary>The kernel traps before the next step, or before the one that follows so many of decode.</summary>
    public void Arm(int decodeSteps = 0)
    {
        passes = decodeSteps;
        armed = true;
    }

    public StepResult Run(Lane lane, StepPlan plan)
    {
        if (armed && (plan.Decode.Count == 0 ? passes == 0 : passes-- == 0))
        {
            armed = false;
            _ = Card.Required;      // its context is current on this thread now
            trap.Launch(card.Stream, new Grid(1), 32, new TrapParams(0));
        }
        return inner.Run(lane, plan);
    }

    public void Copy(CopyDirection direction, ReadOnlySpan<PageCopy> copies) => inner.Copy(direction, copies);

    public void Dispose()
    {
        module.Dispose();
        inner.Dispose();
    }

    private readonly record struct TrapParams(ulong Never);
}
