// One row of the residual stream in the registers of a block, for the norms: x[i] += d[i], and the row stays held.
#pragma once
#include "Common.cuh"

constexpr int THREADS = 256;
constexpr int VECTORS = 8;      // 16-byte pieces a thread holds: dim up to 16,384

// Adds d, which may be null, and returns this thread's sum of the row, or of its squares.
template <bool SQUARED> __device__ __forceinline__ float hold(bf16x8 (&held)[VECTORS], bf16x8* x, const bf16x8* delta, int pieces)
{
    float sum = 0.f;
#pragma unroll
    for (int v = 0; v < VECTORS; ++v)
    {
        const int i = threadIdx.x + v * THREADS;
        if (i >= pieces) break;
        held[v] = x[i];
        if (delta)
        {
            const bf16x8 d = delta[i];
#pragma unroll
            for (int j = 0; j < 4; ++j)
            {
                const float2 a = widen2(held[v].pair[j]), b = widen2(d.pair[j]);
                held[v].pair[j] = narrow2(a.x + b.x, a.y + b.y);
            }
            x[i] = held[v];
        }
#pragma unroll
        for (int j = 0; j < 4; ++j)
        {
            const float2 a = widen2(held[v].pair[j]);
            sum += SQUARED ? a.x * a.x + a.y * a.y : a.x + a.y;
        }
    }
    return sum;
}
