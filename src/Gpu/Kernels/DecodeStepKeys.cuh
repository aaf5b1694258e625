// Keys and values in attention of DecodeStep.cu: straight from the pages into MMA fragments, 16 keys of a warp at a time.
//   S^T (keys x heads) = K Q^T, then O^T (D x heads) = V^T P^T, with up to eight query heads of one KV head as columns.
//   k is permuted within 32 for K (as in SkinnyGemm.cu); for V a lane's 16 bytes are rows 2 j of its MMA's low half and 2 j + 1 of the high one.
#pragma once
#include "DecodeStep.cuh"

constexpr int KEYS = 16;                        // a warp takes at a time

__device__ __forceinline__ u32 transposed(u32 pair)
{
    u32 r;
    asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(r) : "r"(pair));
    return r;
}

__device__ __forceinline__ uint4 load_page(const bf16* at, bool valid)
{
    uint4 v = make_uint4(0, 0, 0, 0);
    if (valid) asm volatile("ld.global.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "l"(at) : "memory");
    return v;
}

__device__ __forceinline__ u32 pick(u32 a, u32 b, bool high)
{
    u32 r;
    if (high) asm("prmt.b32 %0, %1, %2, 0x7632;" : "=r"(r) : "r"(a), "r"(b));
    else asm("prmt.b32 %0, %1, %2, 0x5410;" : "=r"(r) : "r"(a), "r"(b));
    return r;
}

struct AttentionItem
{
    bf16* pages;                // of the layer
    const int* table;
    int row, position, kvHead, split, firstKey, begin, end;

    // Item i; begin >= end where it has no keys.
    static __device__ __forceinline__ AttentionItem of(const DecodeStepParams& p, const StepLayer& layer, int i)
    {
        const DecodeRow place = p.places[i / (p.splits * p.kvHeads)];
        const int split = i % p.splits, firstKey = layer.window ? max(0, place.position - (int)layer.window + 1) : 0;
        return {layer.pages, p.pageTables + place.firstPage, place.row, place.position, i / p.splits % p.kvHeads, split, firstKey,
                max(split * p.splitKeys, firstKey / KEYS * KEYS), min(place.position + 1, (split + 1) * p.splitKeys)};
    }

    __device__ __forceinline__ bool newest() const { return end > position; }

    __device__ __forceinline__ bf16* keys(const DecodeStepParams& p, int key) const
    {
        return pages + ((i64)table[key / PAGE] * 2 * p.kvHeads + kvHead) * PAGE * D + key % PAGE * D;
    }
};

// What a lane holds: o[m] of two dims (rows of the MMA) and heads 2 quad, 2 quad + 1; top and sum of those heads.
struct Attended
{
    float o[D / 16][4], top[2], sum[2];

    __device__ __forceinline__ void take(const DecodeStepParams& p, const AttentionItem& item, const uint4 (&query)[D / 32], int first)
    {
        const int lane = threadIdx.x % 32, group = lane / 4, quad = lane % 4;
        const bf16* k = item.keys(p, first);
        const bf16* v = k + (i64)p.kvHeads * PAGE * D;
        uint4 low[D / 32], high[D / 32], values[D / 64][4];
#pragma unroll
        for (int c = 0; c < D / 32; ++c)
        {
            low[c] = load_page(k + group * D + c * 32 + quad * 8, first + group < item.end);
            high[c] = load_page(k + (group + 8) * D + c * 32 + quad * 8, first + group + 8 < item.end);
        }
#pragma unroll
        for (int half = 0; half < D / 64; ++half)
#pragma unroll
            for (int i = 0; i < 4; ++i)
            {
                const int key = quad * 2 + (i & 1) + (i >> 1) * 8;
                values[half][i] = load_page(v + key * D + half * 64 + group * 8, first + key < item.end);
            }

        float s[4] = {};
#pragma unroll
        for (int c = 0; c < D / 32; ++c)
        {
            const u32 even[4] = {low[c].x, high[c].x, low[c].y, high[c].y}, odd[4] = {low[c].z, high[c].z, low[c].w, high[c].w};
            mma(s, even, query[c].x, query[c].y);
            mma(s, odd, query[c].z, query[c].w);
        }
        float shrink[2];
#pragma unroll
        for (int j = 0; j < 2; ++j)
        {
            float& a = s[j];
            float& b = s[2 + j];
            if (first + group >= item.end || first + group < item.firstKey) a = NEG_INF;
            if (first + group + 8 >= item.end || first + group + 8 < item.firstKey) b = NEG_INF;
            float best = fmaxf(top[j], fmaxf(a, b));
#pragma unroll
            for (int step = 4; step < 32; step <<= 1) best = fmaxf(best, __shfl_xor_sync(ALL_LANES, best, step));
            const float base = best == NEG_INF ? 0.f : best * p.scale;
            shrink[j] = power2(top[j] * p.scale - base);
            top[j] = best;
            a = power2(a * p.scale - base);
            b = power2(b * p.scale - base);
            sum[j] = sum[j] * shrink[j] + a + b;
        }
        const u32 b0 = transposed(narrow2(s[0], s[1])), b1 = transposed(narrow2(s[2], s[3]));
#pragma unroll
        for (int half = 0; half < D / 64; ++half)
        {
            const uint4* w = values[half];
            const u32 words[4][4] = {{w[0].x, w[0].y, w[0].z, w[0].w}, {w[1].x, w[1].y, w[1].z, w[1].w}, {w[2].x, w[2].y, w[2].z, w[2].w}, {w[3].x, w[3].y, w[3].z, w[3].w}};
#pragma unroll
            for (int j = 0; j < 4; ++j)
            {
                float(&out)[4] = o[half * 4 + j];
#pragma unroll
                for (int i = 0; i < 4; ++i) out[i] *= shrink[i & 1];
                const u32 a[4] = {pick(words[0][j], words[1][j], false), pick(words[0][j], words[1][j], true), pick(words[2][j], words[3][j], false), pick(words[2][j], words[3][j], true)};
                mma(out, a, b0, b1);
            }
        }
    }

    // heads' rows of D floats, four warps' behind each other
    template <class Put> __device__ __forceinline__ void each(Put put)
    {
        const int lane = threadIdx.x % 32, group = lane / 4, quad = lane % 4;
#pragma unroll
        for (int m = 0; m < D / 16; ++m)
#pragma unroll
            for (int i = 0; i < 4; ++i) put(o[m][i], (quad * 2 + (i & 1)) * D + m / 4 * 64 + group * 8 + m % 4 * 2 + i / 2);
    }
};
