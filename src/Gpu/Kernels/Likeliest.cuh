// One block over one row of logits: the largest, and the most likely tokens.
#pragma once
#include "Sampling.cuh"

constexpr int THREADS = 512, WARPS = THREADS / 32;

struct Best { float value; int id; };

__device__ __forceinline__ Best block_best(Best mine)
{
    __shared__ Best warps[WARPS];
#pragma unroll
    for (int round = 0; round < 2; ++round)
    {
#pragma unroll
        for (int step = 16; step; step >>= 1)
        {
            const Best other = {__shfl_xor_sync(ALL_LANES, mine.value, step), __shfl_xor_sync(ALL_LANES, mine.id, step)};
            if (better(other.value, other.id, mine.value, mine.id)) mine = other;
        }
        if (round) break;
        __syncthreads();
        if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = mine;
        __syncthreads();
        mine = warps[threadIdx.x % WARPS];
    }
    return mine;
}

// Writes the most likely tokens, most likely first and ties by id; how many there are: those of no probability are left out.
__device__ __forceinline__ int likeliest(const float* logits, int vocabulary, int most, const Scan& scan, TokenLogprob* tops)
{
    float below = -NEG_INF;
    int after = -1, count = 0;
    for (; count < min(most, TOP_LIMIT); ++count)
    {
        Best best = {NEG_INF, NO_TOKEN};
        for (int id = threadIdx.x; id < vocabulary; id += THREADS)
        {
            const float x = cleaned(logits[id]);
            if ((x < below || (x == below && id > after)) && better(x, id, best.value, best.id)) best = {x, id};
        }
        best = block_best(best);
        if (best.value == NEG_INF) break;
        below = best.value;
        after = best.id;
        if (threadIdx.x == 0) tops[count] = {best.id, logprob(best.value, scan)};
    }
    return count;
}
