// Residual add and RMSNorm:  x[t,i] += d[t,i];   y[t,i] = x[t,i] * (w[i] + offset) / sqrt(mean_i(x[t,i]^2) + eps)
//   x, d, y : (tokens, dim) bf16      w : (dim) bf16      d may be absent      one block per token
//   rows picks the tokens to normalise (the sampled ones before the head); absent means all.
//   Bound: memory, 8 * tokens * dim bytes.   CPU twin: Cpu/RmsNorm.cs
#include "HeldRow.cuh"

struct RmsNormParams
{
    bf16* x;
    const bf16* delta;      // null for none
    const bf16* weight;
    bf16* y;
    const int* rows;        // null: block t is token t
    int dim;                // a multiple of 8, at most 8 * THREADS * VECTORS
    float epsilon;
    float offset;           // added to every weight
};

extern "C" __global__ void __launch_bounds__(THREADS) rms_norm(const __grid_constant__ RmsNormParams p)
{
    __shared__ float scratch[THREADS / 32];
    launch_dependents();
    wait_for_predecessor();
    const i64 row = p.rows ? p.rows[blockIdx.x] : blockIdx.x;
    bf16x8* x = (bf16x8*)(p.x + row * p.dim);
    const bf16x8* delta = p.delta ? (const bf16x8*)(p.delta + row * p.dim) : nullptr;
    const int pieces = p.dim / 8;

    bf16x8 held[VECTORS];
    const float squares = hold<true>(held, x, delta, pieces);
    const float scale = rsqrtf(block_sum<THREADS>(squares, scratch) / p.dim + p.epsilon);

    const bf16x8* weight = (const bf16x8*)p.weight;
    bf16x8* y = (bf16x8*)(p.y + (i64)blockIdx.x * p.dim);
#pragma unroll
    for (int v = 0; v < VECTORS; ++v)
    {
        const int i = threadIdx.x + v * THREADS;
        if (i >= pieces) break;
        const bf16x8 w = weight[i];
        bf16x8 out;
#pragma unroll
        for (int j = 0; j < 4; ++j)
        {
            const float2 a = widen2(held[v].pair[j]), b = widen2(w.pair[j]);
            out.pair[j] = narrow2(a.x * scale * (b.x + p.offset), a.y * scale * (b.y + p.offset));
        }
        y[i] = out;
    }
}
