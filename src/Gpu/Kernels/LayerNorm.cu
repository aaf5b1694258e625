// Residual add and LayerNorm:  x[t,i] += d[t,i];   y[t,i] = (x[t,i] - mean_t) / sqrt(var_t + eps) * w[i] + b[i]
//   x, d, y : (tokens, dim) bf16      w, b : (dim) bf16      d and b may be absent, y may be x (a norm after the block)
//   rows picks the tokens to normalise (the sampled ones before the head); absent means all.   One block per token.
//   Bound: memory, 8 * tokens * dim bytes.   CPU twin: Cpu/LayerNorm.cs
#include "HeldRow.cuh"

struct LayerNormParams
{
    bf16* x;
    const bf16* delta;      // null for none
    const bf16* weight;     // null: y is the sum, not normalised
    const bf16* bias;       // null for none
    bf16* y;
    const int* rows;        // null: block t is token t
    int dim;                // a multiple of 8, at most 8 * THREADS * VECTORS
    float epsilon;
};

extern "C" __global__ void __launch_bounds__(THREADS) layer_norm(const __grid_constant__ LayerNormParams p)
{
    __shared__ float sums[THREADS / 32], squares[THREADS / 32];
    launch_dependents();
    wait_for_predecessor();
    const i64 row = p.rows ? p.rows[blockIdx.x] : blockIdx.x;
    bf16x8* x = (bf16x8*)(p.x + row * p.dim);
    const bf16x8* delta = p.delta ? (const bf16x8*)(p.delta + row * p.dim) : nullptr;
    const int pieces = p.dim / 8;

    bf16x8 held[VECTORS];
    const float sum = hold<false>(held, x, delta, pieces);
    if (!p.weight)
    {
#pragma unroll
        for (int v = 0; v < VECTORS; ++v)
        {
            const int i = threadIdx.x + v * THREADS;
            if (i >= pieces) break;
            ((bf16x8*)(p.y + (i64)blockIdx.x * p.dim))[i] = held[v];
        }
        return;
    }
    const float mean = block_sum<THREADS>(sum, sums) / p.dim;
    float distance = 0.f;
#pragma unroll
    for (int v = 0; v < VECTORS; ++v)
    {
        if (threadIdx.x + v * THREADS >= pieces) break;
#pragma unroll
        for (int j = 0; j < 4; ++j)
        {
            const float2 a = widen2(held[v].pair[j]);
            distance += (a.x - mean) * (a.x - mean) + (a.y - mean) * (a.y - mean);
        }
    }
    const float scale = rsqrtf(block_sum<THREADS>(distance, squares) / p.dim + p.epsilon);

    const bf16x8 *weight = (const bf16x8*)p.weight, *bias = (const bf16x8*)p.bias;
    bf16x8* y = (bf16x8*)(p.y + (i64)blockIdx.x * p.dim);
#pragma unroll
    for (int v = 0; v < VECTORS; ++v)
    {
        const int i = threadIdx.x + v * THREADS;
        if (i >= pieces) break;
        const bf16x8 w = weight[i], b = bias ? bias[i] : bf16x8{};
        bf16x8 out;
#pragma unroll
        for (int j = 0; j < 4; ++j)
        {
            const float2 a = widen2(held[v].pair[j]), m = widen2(w.pair[j]), c = widen2(b.pair[j]);
            out.pair[j] = narrow2((a.x - mean) * scale * m.x + c.x, (a.y - mean) * scale * m.y + c.y);
        }
        y[i] = out;
    }
}
