using Splitwiser.Bench.Devices;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;

namespace Splitwiser.Bench.Paper;

/// <summary>How many pages a run needs, and may have.</summary>
internal static class PaperSizes
{
    private const double MemoryShare = 0.6;     // of the device, for pages; the rest for weights, arenas and the other users of it

    /// <param name="processes">That share the device.</param>
    public static RunnerSizes For(PaperPlan plan, DevicePlan on, int sequences, int processes)
    {
        var model = ModelFolder.Open(on.Config).Config;
        if (plan.ModelLength > model.MaxPositions) throw new BenchException($"{plan.Prompt} tokens in and {plan.Outputs.Max()} out are more than the model's {model.MaxPositions} positions.");
        var gpu = on.Kind == "cpu" ? null : CudaDevice.Find(out _).FirstOrDefault();
        var affordable = gpu is null ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * MemoryShare / 2 / CpuRunner.PageBytesOf(model) : gpu.MemoryBytes * MemoryShare / Splitwiser.Gpu.Cuda.KvPages.PageBytes(model);
        return new RunnerSizes(plan.ModelLength, sequences, plan.LargestStep, (int)Math.Min((long)sequences * PagesOf(plan.Prompt, plan.Outputs.Max()) + sequences, (long)affordable / processes));
    }

    /// <summary>Sequences that the pool holds to their end: no more run at once, so that none is preempted.</summary>
    public static int Fitting(int batch, int pages, int prompt, int output) => Math.Clamp(pages * 9 / 10 / PagesOf(prompt, output), 1, batch);

    private static int PagesOf(int prompt, int output) => AdmissionPolicy.PagesFor(prompt + output);
}
