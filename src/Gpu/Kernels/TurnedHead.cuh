// Of one head of DecodeStep.cu in one warp: the optional RMSNorm, and the turn of the pairs (i, i + D / 2). As in RopeAndPages.cu.
#pragma once
#include "Common.cuh"

template <int D> struct TurnedHead
{
    static constexpr int HALF = D / 2, PAIRS = (HALF + 31) / 32;        // pairs a lane holds: i = lane + 32 j
    float low[PAIRS], high[PAIRS];

    __device__ __forceinline__ void normalise(const bf16* weight, float epsilon, int lane)
    {
        float squares = 0.f;
#pragma unroll
        for (int j = 0; j < PAIRS; ++j) squares += low[j] * low[j] + high[j] * high[j];
        const float scale = rsqrtf(warp_sum(squares) / D + epsilon);
#pragma unroll
        for (int j = 0; j < PAIRS; ++j)
        {
            const int i = lane + 32 * j;
            if (i >= HALF) break;
            low[j] *= scale * widen(weight[i]);
            high[j] *= scale * widen(weight[i + HALF]);
        }
    }

    // turns: (D / 2) {cos, sin} of the position
    __device__ __forceinline__ void turn(const float2* turns, int lane)
    {
#pragma unroll
        for (int j = 0; j < PAIRS; ++j)
        {
            const int i = lane + 32 * j;
            if (i >= HALF) break;
            const float2 t = turns[i];
            const float a = low[j], b = high[j];
            low[j] = a * t.x - b * t.y;
            high[j] = b * t.x + a * t.y;
        }
    }

    __device__ __forceinline__ void store(bf16* to, int lane) const
    {
#pragma unroll
        for (int j = 0; j < PAIRS; ++j)
        {
            const int i = lane + 32 * j;
            if (i >= HALF) break;
            to[i] = narrow(low[j]);
            to[i + HALF] = narrow(high[j]);
        }
    }
};
