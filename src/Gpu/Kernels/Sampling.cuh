// What the sampling kernels share with each other and with Cuda/SampleRow.cs.
#pragma once
#include "Common.cuh"

constexpr int SLICE = 4096;             // logits that a block of scan_logits reads
constexpr int TOP_LIMIT = 32;           // most top logprobs of a row
constexpr int NO_TOKEN = 0x7fffffff;

struct TokenLogprob { int id; float logprob; };

// Where this step's results go: pinned memory of the host, another one for every step in flight.
struct StepHeader
{
    TokenLogprob* results;      // (rows)
    int* topCounts;             // (rows)
    TokenLogprob* tops;         // (rows, TOP_LIMIT)
};

struct SampleRow
{
    u64 seed;
    float temperature, topP, minP, repetition, presence, frequency;
    int topK;                   // 0 for all
    int slot;                   // the token is kept here for the next step
    int position;               // index that the sampled token will have
    int outputStart;
    int tokens, tokenCount;     // where in `lists` the sequence's tokens are; none unless penalties need them
    int feedback;               // and one more token of the sequence is in sampled[slot]
    int biases, biasCount;      // (token, float's bits) pairs in `lists`
    int banned, bannedCount;    // end tokens that must not come yet, in `lists`
    int topLogprobs;            // -1: no logprobs asked for
    int plain;                  // scan_logits finishes it
    int allowed;                // a bit for each token that may come, in `lists`; 0 for all
};

struct Scan { float value; int id; float sum; };    // largest logit, its lowest id, sum of exp(logit - value) or its logarithm

__device__ __forceinline__ bool better(float a, int idA, float b, int idB) { return a > b || (a == b && idA < idB); }

// NaN counts as minus infinity, infinity as the largest number.
__device__ __forceinline__ float cleaned(float x) { return x == x ? fminf(x, 3.402823466e38f) : NEG_INF; }

__device__ __forceinline__ Scan joined(Scan a, Scan b)
{
    const bool first = better(a.value, a.id, b.value, b.id);
    const float high = first ? a.value : b.value, low = first ? b.value : a.value;
    const float more = low == NEG_INF ? 0.f : (first ? b.sum : a.sum) * __expf(low - high);
    return {high, first ? a.id : b.id, (first ? a.sum : b.sum) + more};
}

__device__ __forceinline__ Scan warp_joined(Scan s)
{
#pragma unroll
    for (int step = 16; step; step >>= 1)
    {
        const Scan other = {__shfl_xor_sync(ALL_LANES, s.value, step), __shfl_xor_sync(ALL_LANES, s.id, step), __shfl_xor_sync(ALL_LANES, s.sum, step)};
        s = joined(s, other);
    }
    return s;
}

// Of a logit in a row whose scan holds the logarithm: never infinite, the least number stands for a token that can't be.
__device__ __forceinline__ float logprob(float logit, const Scan& scan) { return fmaxf(logit - scan.value - scan.sum, -3.402823466e38f); }
