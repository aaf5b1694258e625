// Attention of DecodeStep.cu: turns the new queries and keys, writes the new keys and values into their pages, attends.
//   An item is (row, KV head, split of its keys); eight warps share its keys. Of a row with several splits, the block that comes last joins them.
//   CPU twin: Cpu/PagedAttention.cs
#pragma once
#include "DecodeStepKeys.cuh"
#include "TurnedHead.cuh"

constexpr int QUERY_PITCH = D * 2 + 64;         // bytes
constexpr int RESULT_FLOATS = WARPS / 2 * ROWS * D;
constexpr int BATCH = 8;                        // splits read at a time

// queries: (heads) of QUERY_PITCH, zeros for heads that there are not
__device__ __forceinline__ void turn_new(const DecodeStepParams& p, const StepLayer& layer, const AttentionItem& item, unsigned char* queries)
{
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, packed = p.heads / p.kvHeads;
    const bf16* fused = p.qkv + (i64)item.row * (p.heads + 2 * p.kvHeads) * D;
    const float2* turns = p.turns + (i64)p.turnRows[item.row] * (D / 2);
    auto load = [&](int head) {
        TurnedHead<D> h;
#pragma unroll
        for (int j = 0; j < TurnedHead<D>::PAIRS; ++j)
        {
            h.low[j] = load_value(fused + head * D + lane + 32 * j);
            h.high[j] = load_value(fused + head * D + lane + 32 * j + D / 2);
        }
        return h;
    };
    TurnedHead<D> query = {};
    if (warp < packed)
    {
        query = load(item.kvHead * packed + warp);
        if (layer.queryNorm) query.normalise(layer.queryNorm, p.epsilon, lane);
        query.turn(turns, lane);
    }
    query.store((bf16*)(queries + warp * QUERY_PITCH), lane);
    if (!item.newest() || warp > 1) return;             // warp 0 the key, warp 1 the value
    TurnedHead<D> h = load(p.heads + warp * p.kvHeads + item.kvHead);
    if (warp == 0 && layer.keyNorm) h.normalise(layer.keyNorm, p.epsilon, lane);
    if (warp == 0) h.turn(turns, lane);
    h.store(item.keys(p, item.position) + (i64)warp * p.kvHeads * PAGE * D, lane);
}

// Adds the splits `from` .. `to` of the item's heads up: o = sum_s 2^(log_s - log) partial_s.
__device__ __forceinline__ void join_splits(const DecodeStepParams& p, const AttentionItem& item, int from, int to)
{
    const int packed = p.heads / p.kvHeads;
    for (int i = threadIdx.x; i < packed * D; i += CONSUMERS)
    {
        const int head = item.kvHead * packed + i / D;
        const i64 at = ((i64)item.row * p.heads + head) * p.splits;
        float high = NEG_INF, total = 0.f, value = 0.f;
        for (int first = from; first <= to; first += BATCH)
        {
            float logs[BATCH], values[BATCH];
#pragma unroll
            for (int b = 0; b < BATCH; ++b)
            {
                const i64 split = at + min(first + b, to);
                logs[b] = load_value(p.logSum + split);
                values[b] = load_value(p.partial + split * D + i % D);
            }
            float best = high;
#pragma unroll
            for (int b = 0; b < BATCH; ++b) best = fmaxf(best, logs[b]);
            const float shrink = power2(high - best);
            high = best;
            total *= shrink;
            value *= shrink;
#pragma unroll
            for (int b = 0; b < BATCH; ++b)
            {
                const float weight = first + b <= to ? power2(logs[b] - high) : 0.f;
                total += weight;
                value += weight * values[b];
            }
        }
        p.attended[((i64)item.row * p.heads + head) * D + i % D] = narrow(value / total);
    }
}

__device__ __forceinline__ void attend(const DecodeStepParams& p, const StepLayer& layer, const AttentionItem& item, unsigned char* scratch)
{
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, group = lane / 4, quad = lane % 4, packed = p.heads / p.kvHeads;
    float* results = (float*)scratch;                               // (warps / 2, heads, D)
    unsigned char* queries = scratch + RESULT_FLOATS * 4;           // (heads) of QUERY_PITCH
    float* tops = (float*)(queries + ROWS * QUERY_PITCH);           // (warps, heads), then sums
    float* sums = tops + WARPS * ROWS;
    int* last = (int*)(sums + WARPS * ROWS);
    turn_new(p, layer, item, queries);
    sync_consumers();
    uint4 query[D / 32];
#pragma unroll
    for (int c = 0; c < D / 32; ++c) query[c] = *(const uint4*)(queries + group * QUERY_PITCH + c * 64 + quad * 16);
    Attended a = {{}, {NEG_INF, NEG_INF}, {}};
    for (int first = item.begin + warp * KEYS; first < item.end; first += WARPS * KEYS) a.take(p, item, query, first);

#pragma unroll
    for (int j = 0; j < 2; ++j)
    {
#pragma unroll
        for (int step = 4; step < 32; step <<= 1) a.sum[j] += __shfl_xor_sync(ALL_LANES, a.sum[j], step);
        if (group == 0)
        {
            tops[warp * ROWS + quad * 2 + j] = a.top[j];
            sums[warp * ROWS + quad * 2 + j] = a.sum[j];
        }
    }
    sync_consumers();
    float share[2];
#pragma unroll
    for (int j = 0; j < 2; ++j)
    {
        float high = NEG_INF;
#pragma unroll
        for (int w = 0; w < WARPS; ++w) high = fmaxf(high, tops[w * ROWS + quad * 2 + j]);
        share[j] = power2((a.top[j] - high) * p.scale);
    }
#pragma unroll
    for (int m = 0; m < D / 16; ++m)
#pragma unroll
        for (int i = 0; i < 4; ++i) a.o[m][i] *= share[i & 1];
    float* own = results + warp % 4 * ROWS * D;
    if (warp >= 4) a.each([&](float v, int at) { own[at] = v; });
    sync_consumers();
    if (warp < 4) a.each([&](float v, int at) { own[at] += v; });
    sync_consumers();

    const int from = item.firstKey / KEYS * KEYS / p.splitKeys, to = item.position / p.splitKeys;      // first and last split of the row
    for (int i = threadIdx.x; i < packed * D; i += CONSUMERS)
    {
        const int h = i / D, head = item.kvHead * packed + h;
        float high = NEG_INF, total = 0.f, value = 0.f;
#pragma unroll
        for (int w = 0; w < WARPS; ++w) high = fmaxf(high, tops[w * ROWS + h]);
#pragma unroll
        for (int w = 0; w < WARPS; ++w) total += sums[w * ROWS + h] * power2((tops[w * ROWS + h] - high) * p.scale);
#pragma unroll
        for (int w = 0; w < 4; ++w) value += results[w * ROWS * D + i];
        if (from == to)
        {
            p.attended[((i64)item.row * p.heads + head) * D + i % D] = narrow(value / total);
            continue;
        }
        const i64 at = ((i64)item.row * p.heads + head) * p.splits + item.split;
        p.partial[at * D + i % D] = value / total;
        if (i % D == 0) p.logSum[at] = high * p.scale + log2f(total);
    }
    sync_consumers();
    if (from == to) return;
    u32* ticket = p.counters + 2 + item.row * p.kvHeads + item.kvHead;
    if (threadIdx.x == 0)
    {
        __threadfence();
        *last = atomicAdd((int*)ticket, 1) == to - from;
        if (*last) *ticket = 0;
        __threadfence();
    }
    sync_consumers();
    if (*last) join_splits(p, item, from, to);
}

__device__ __forceinline__ void attend_all(const DecodeStepParams& p, const StepLayer& layer, unsigned char* scratch)
{
    for (int i = blockIdx.x; i < p.rows * p.kvHeads * p.splits; i += gridDim.x)
    {
        const AttentionItem item = AttentionItem::of(p, layer, i);
        if (item.begin >= item.end) continue;
        attend(p, layer, item, scratch);
        sync_consumers();
    }
}
