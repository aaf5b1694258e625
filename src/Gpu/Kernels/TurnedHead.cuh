// One head in the registers of a warp: the optional RMSNorm, and the turn of its pairs (i, i + R / 2).
//   R is the part of a head that turns; the rest is paired up, too, and stays.
#pragma once
#include "Common.cuh"

template <int D, int R = D> struct TurnedHead
{
    static constexpr int HALF = D / 2, PAIRS = (HALF + 31) / 32;        // pairs a lane holds: i = lane + 32 j
    float low[PAIRS], high[PAIRS];

    // Where the elements of pair i lie behind at + i.
    static __device__ __forceinline__ int low_at(int i) { return R == D || i < R / 2 ? 0 : R / 2; }
    static __device__ __forceinline__ int high_at(int i) { return R == D || i >= R / 2 ? HALF : R / 2; }

    __device__ __forceinline__ void load(const bf16* from, int lane)
    {
#pragma unroll
        for (int j = 0; j < PAIRS; ++j)
        {
            const int i = lane + 32 * j;
            low[j] = i < HALF ? widen((from + i)[low_at(i)]) : 0.f;
            high[j] = i < HALF ? widen((from + i)[high_at(i)]) : 0.f;
        }
    }

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
            low[j] *= scale * widen((weight + i)[low_at(i)]);
            high[j] *= scale * widen((weight + i)[high_at(i)]);
        }
    }

    // turns: (R / 2) {cos, sin} of the position
    __device__ __forceinline__ void turn(const float2* turns, int lane)
    {
#pragma unroll
        for (int j = 0; j < PAIRS; ++j)
        {
            const int i = lane + 32 * j;
            if (i >= R / 2) break;
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
            (to + i)[low_at(i)] = narrow(low[j]);
            (to + i)[high_at(i)] = narrow(high[j]);
        }
    }
};
