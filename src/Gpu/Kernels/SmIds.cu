// Which multiprocessors a stream's blocks run on: ids[i] is block i's %smid.
//   ids : (blocks) u32      Each block stays for `cycles`, so that no multiprocessor is left without one.
//   Bound: none; a check of where work runs.
#include "Common.cuh"

struct SmIdsParams
{
    u32* ids;
    i64 cycles;
};

__device__ __forceinline__ i64 cycle()
{
    i64 now;
    asm volatile("mov.u64 %0, %%clock64;" : "=l"(now));
    return now;
}

extern "C" __global__ void __launch_bounds__(1024) sm_ids(const __grid_constant__ SmIdsParams p)
{
    const i64 started = cycle();
    u32 id;
    asm volatile("mov.u32 %0, %%smid;" : "=r"(id));
    while (cycle() - started < p.cycles) {}
    if (threadIdx.x == 0) p.ids[blockIdx.x] = id;
}
