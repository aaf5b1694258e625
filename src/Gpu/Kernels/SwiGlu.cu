// SwiGLU (arXiv 2002.05202):  y[t,i] = g / (1 + exp(-g)) * u   with g = gu[t,i], u = gu[t, dim + i]
//   gu : (tokens, 2 * dim) bf16      y : (tokens, dim) bf16      eight values a thread
//   Bound: memory, 6 * tokens * dim bytes.   CPU twin: Cpu/SwiGlu.cs
#include "Common.cuh"

struct SwiGluParams
{
    const bf16* gateUp;
    bf16* y;
    int dim;        // a multiple of 8
};

extern "C" __global__ void __launch_bounds__(256) swiglu(const __grid_constant__ SwiGluParams p)
{
    launch_dependents();
    wait_for_predecessor();
    const int i = blockIdx.x * 256 + threadIdx.x;
    if (i < p.dim / 8)
    {
        const bf16x8* row = (const bf16x8*)(p.gateUp + (i64)blockIdx.y * 2 * p.dim);
        const bf16x8 g = row[i], u = row[i + p.dim / 8];
        bf16x8 out;
#pragma unroll
        for (int j = 0; j < 4; ++j)
        {
            const float2 a = widen2(g.pair[j]), b = widen2(u.pair[j]);
            out.pair[j] = narrow2(a.x / (1.f + __expf(-a.x)) * b.x, a.y / (1.f + __expf(-a.y)) * b.y);
        }
        ((bf16x8*)(p.y + (i64)blockIdx.y * p.dim))[i] = out;
    }
}
