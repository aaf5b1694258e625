// Soft cap of the logits (Gemma 2, arXiv 2408.00118), in place:  x[i] = cap * tanh(x[i] / cap)
//   x : (count) f32      256 values a block
//   Bound: memory, 8 * count bytes.   CPU twin: Cpu/CapLogits.cs
#include "Common.cuh"

struct CapLogitsParams
{
    float* x;
    i64 count;
    float cap;
};

extern "C" __global__ void __launch_bounds__(256) cap_logits(const __grid_constant__ CapLogitsParams p)
{
    launch_dependents();
    wait_for_predecessor();
    const i64 i = (i64)blockIdx.x * 256 + threadIdx.x;
    if (i < p.count) p.x[i] = p.cap * (1.f - 2.f / (1.f + __expf(2.f * p.x[i] / p.cap)));
}
