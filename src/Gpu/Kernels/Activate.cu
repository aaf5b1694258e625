// The MLP's activation:  y[t,i] = f(x[t,i]), or gated (arXiv 2002.05202):  y[t,i] = f(x[t,i]) * x[t, dim + i]
//   x : (tokens, dim) bf16, gated (tokens, 2 * dim)      y : (tokens, dim) bf16      eight values a thread
//   FUNCTION: 0 SiLU, 1 GELU by tanh, 2 GELU by erf, 3 ReLU (Models/Activation.cs).   GATED: 0 or 1
//   Bound: memory, 4 or 6 * tokens * dim bytes.   CPU twin: Cpu/Activate.cs
#include "Common.cuh"

struct ActivateParams
{
    const bf16* x;
    bf16* y;
    int dim;        // a multiple of 8
};

__device__ __forceinline__ float bent(float x)
{
    if constexpr (FUNCTION == 0) return x / (1.f + __expf(-x));
    if constexpr (FUNCTION == 1) return x / (1.f + __expf(-1.5957691216f * (x + 0.044715f * x * x * x)));     // (1 + tanh u) / 2 = 1 / (1 + e^-2u)
    if constexpr (FUNCTION == 2) return 0.5f * x * (1.f + erff(x * 0.7071067812f));
    return fmaxf(x, 0.f);
}

extern "C" __global__ void __launch_bounds__(256) activate(const __grid_constant__ ActivateParams p)
{
    launch_dependents();
    wait_for_predecessor();
    const int i = blockIdx.x * 256 + threadIdx.x;
    if (i < p.dim / 8)
    {
        const bf16x8* row = (const bf16x8*)(p.x + (i64)blockIdx.y * (GATED + 1) * p.dim);
        const bf16x8 g = row[i], u = GATED ? row[i + p.dim / 8] : bf16x8{};
        bf16x8 out;
#pragma unroll
        for (int j = 0; j < 4; ++j)
        {
            const float2 a = widen2(g.pair[j]), b = GATED ? widen2(u.pair[j]) : make_float2(1.f, 1.f);
            out.pair[j] = narrow2(bent(a.x) * b.x, bent(a.y) * b.y);
        }
        ((bf16x8*)(p.y + (i64)blockIdx.y * p.dim))[i] = out;
    }
}
