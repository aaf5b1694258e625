// QK-norm, RoPE and the write into the pages, in one pass over the fused projection:
//   q, k : optional RMSNorm over the head, then pair (i, i + R/2) turns by position * frequency[i];   k, v go to their page.
//   R is ROTARY_SIZE, the part of a head that turns: 0 where positions are learned; the rest of the head is paired up, too, and stays.
//   qkv : (tokens, (heads + 2 * kv_heads) * D) bf16, q is changed in place      turns : (positions, R/2) {cos, sin} f32
//   pages of a layer : [page][K, V][kv_head][token of the page][D] bf16
//   Bound: memory, about 6 * tokens * (heads + 2 * kv_heads) * D bytes.   One warp per head, one block per token.
//   CPU twins: Cpu/Rope.cs, Cpu/RmsNorm.cs
#include "Common.cuh"

constexpr int D = HEAD_SIZE;
constexpr int R = ROTARY_SIZE;
constexpr int HALF = D / 2;
constexpr int PAIRS = (HALF + 31) / 32;     // pairs a lane holds

struct RopeParams
{
    bf16* qkv;
    const float2* turns;
    const int* positions;       // (tokens) rows of turns
    const int* places;          // (tokens) page * 32 + token of the page
    bf16* pages;                // this layer's
    const bf16* queryNorm;      // (D) or null
    const bf16* keyNorm;
    int heads, kvHeads;
    float epsilon;
};

__device__ __forceinline__ int low_of(int i) { return R == D || i < R / 2 ? i : i + R / 2; }      // the pair's elements
__device__ __forceinline__ int high_of(int i) { return R == D || i >= R / 2 ? i + HALF : i + R / 2; }

__device__ __forceinline__ void turn(float (&low)[PAIRS], float (&high)[PAIRS], const bf16* norm, const float2* turns, float epsilon, int lane)
{
    if (norm)
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
            low[j] *= scale * widen(norm[low_of(i)]);
            high[j] *= scale * widen(norm[high_of(i)]);
        }
    }
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

extern "C" __global__ void __launch_bounds__(256) rope_and_pages(const __grid_constant__ RopeParams p)
{
    launch_dependents();
    wait_for_predecessor();
    const int lane = threadIdx.x & 31;
    const int all = p.heads + 2 * p.kvHeads;
    const i64 token = blockIdx.x;
    const float2* turns = p.turns + (i64)p.positions[token] * (R / 2);
    const int place = p.places[token];
    bf16* page = p.pages + (i64)(place / PAGE) * (2 * p.kvHeads * PAGE * D);
    for (int head = threadIdx.x >> 5; head < all; head += 8)
    {
        bf16* at = p.qkv + (token * all + head) * D;
        float low[PAIRS], high[PAIRS];
#pragma unroll
        for (int j = 0; j < PAIRS; ++j)
        {
            const int i = lane + 32 * j;
            low[j] = i < HALF ? widen(at[low_of(i)]) : 0.f;
            high[j] = i < HALF ? widen(at[high_of(i)]) : 0.f;
        }
        const bool query = head < p.heads, value = head >= p.heads + p.kvHeads;
        if (!value) turn(low, high, query ? p.queryNorm : p.keyNorm, turns, p.epsilon, lane);
        bf16* to = query ? at : page + ((i64)(head - p.heads) * PAGE + place % PAGE) * D;    // K heads, then V heads
#pragma unroll
        for (int j = 0; j < PAIRS; ++j)
        {
            const int i = lane + 32 * j;
            if (i >= HALF) break;
            to[low_of(i)] = narrow(low[j]);
            to[high_of(i)] = narrow(high[j]);
        }
    }
}
