// PrefillAttention.cu for sm_90a (the schedule of FlashAttention-3, arXiv 2407.08608): a warp feeds keys and values by the tensor copy engine,
// two warpgroups of 64 rows each multiply with wgmma. Products of round j + 1 run while the softmax of round j is computed.
//   Shapes as there; head size 64 or 128.   `pool` maps this layer's pages as (rows of all pages and heads, D) in boxes of 32 x 64.
//   Grid (heads, tiles): 128 rows of one segment and head a block; 128 keys a round, two rounds in shared memory.
//   Bound: tensor cores.   CPU twin: Cpu/PagedAttention.cs
#include "Hopper.cuh"

constexpr int D = HEAD_SIZE, HALVES = D / 64;
constexpr int ROWS = 128, KEYS = 128, STAGES = 2, GROUP = 64;
constexpr int TURN = 3;         // barriers of the two warpgroups, behind those of their queries
constexpr u32 HALF_BYTES = KEYS * 128, TILE_BYTES = HALVES * HALF_BYTES, Q_HALF = GROUP * 128, Q_GROUP = HALVES * Q_HALF;

struct Segment { int firstRow, count, offset, firstPage; };
struct RowTile { int segment, firstRow; };

struct HopperAttentionParams
{
    TensorMap pool;
    const bf16* q;
    bf16* o;
    const int* pageTables;
    const Segment* segments;
    const RowTile* tiles;       // longest first
    int heads, kvHeads, rowStride;
    int window;
    float scale;
};

struct Round { int first, count; };     // the first key, and how many rounds

__device__ __forceinline__ void feed(const HopperAttentionParams& p, const int* table, int pages, Round rounds, int kvHead, u32 tiles, u32 full, u32 empty)
{
    for (int j = 0; j < rounds.count; ++j)
    {
        const int stage = j % STAGES;
        const u32 parity = (j / STAGES + 1) & 1;
#pragma unroll
        for (int side = 0; side < 2; ++side)        // K, then V
        {
            const u32 slot = stage * 2 + side, to = tiles + slot * TILE_BYTES;
            barrier_wait(empty + slot * 8, parity);
            barrier_expect(full + slot * 8, TILE_BYTES);
#pragma unroll
            for (int part = 0; part < KEYS / PAGE; ++part)
            {
                const int index = (rounds.first + j * KEYS) / PAGE + part;
                const int page = table[index < pages ? index : 0];          // past the end: masked, any numbers do
#pragma unroll
                for (int half = 0; half < HALVES; ++half)
                    copy_box(to + half * HALF_BYTES + part * PAGE * 128, &p.pool, half * 64, ((page * 2 + side) * p.kvHeads + kvHead) * PAGE, full + slot * 8);
            }
        }
    }
}

// What a thread of a consuming warpgroup holds: two rows of scores, weights and output.
struct Consumer
{
    const HopperAttentionParams& p;
    Round rounds;
    u32 q, tiles, full, empty;
    int group, lane, quad, groupPosition, position;        // which warpgroup; of its first row; of this thread's first row, the other is 8 below
    float o[D / 2], s[KEYS / 2], top[2], sum[2], shrink[2];
    u32 weights[KEYS / 4];

    __device__ __forceinline__ void scores(int j)
    {
        const u32 k = tiles + j % STAGES * 2 * TILE_BYTES;
        barrier_wait(full + j % STAGES * 16, j / STAGES & 1);
        products_begin();
#pragma unroll
        for (int step = 0; step < D / 16; ++step)
            product(s, matrix_at(q + step / 4 * Q_HALF + step % 4 * 32, 16), matrix_at(k + step / 4 * HALF_BYTES + step % 4 * 32, 16), step > 0);
        products_commit();
    }

    __device__ __forceinline__ void values(int j)
    {
        const u32 v = tiles + (j % STAGES * 2 + 1) * TILE_BYTES;
        barrier_wait(full + j % STAGES * 16 + 8, j / STAGES & 1);
        products_begin();
#pragma unroll
        for (int step = 0; step < KEYS / 16; ++step) product_adding(o, weights + step * 4, matrix_at(v + step * 2048, HALF_BYTES));
        products_commit();
    }

    __device__ __forceinline__ void free_slot(int j, int side)
    {
        if (lane == 0) barrier_arrive(empty + (j % STAGES * 2 + side) * 8);
    }

    __device__ __forceinline__ void mask(int first)
    {
#pragma unroll
        for (int half = 0; half < 2; ++half)
        {
            const int newest = position + half * 8 - first - quad * 2, oldest = p.window ? newest - p.window + 1 : -KEYS;      // of the round's keys, as seen from this thread's
#pragma unroll
            for (int n = 0; n < KEYS / 8; ++n)
#pragma unroll
                for (int i = 0; i < 2; ++i)
                    if (n * 8 + i > newest || n * 8 + i < oldest) s[n * 4 + half * 2 + i] = NEG_INF;
        }
    }

    __device__ __forceinline__ void softmax(int j)
    {
        const int first = rounds.first + j * KEYS;
        if (first + KEYS - 1 > groupPosition || (p.window && first <= groupPosition + GROUP - 1 - p.window)) mask(first);
#pragma unroll
        for (int half = 0; half < 2; ++half)
        {
            float high = top[half];
#pragma unroll
            for (int n = 0; n < KEYS / 8; ++n)
#pragma unroll
                for (int i = 0; i < 2; ++i) high = fmaxf(high, s[n * 4 + half * 2 + i]);
            high = fmaxf(high, __shfl_xor_sync(ALL_LANES, high, 1));
            high = fmaxf(high, __shfl_xor_sync(ALL_LANES, high, 2));
            const float base = high == NEG_INF ? 0.f : high * p.scale;
            shrink[half] = power2(top[half] * p.scale - base);
            top[half] = high;
            float total = 0.f;
#pragma unroll
            for (int n = 0; n < KEYS / 8; ++n)
#pragma unroll
                for (int i = 0; i < 2; ++i)
                {
                    float& x = s[n * 4 + half * 2 + i];
                    x = power2(x * p.scale - base);
                    total += x;
                }
            sum[half] = sum[half] * shrink[half] + total;
        }
    }

    __device__ __forceinline__ void take_weights()
    {
#pragma unroll
        for (int i = 0; i < KEYS / 4; ++i) weights[i] = narrow2(s[2 * i], s[2 * i + 1]);
    }

    __device__ __forceinline__ void run()
    {
        scores(0);
        products_wait<0>();
        settled(s);
        free_slot(0, 0);
        softmax(0);
        take_weights();
        // The warpgroups issue their products in turn, so that one multiplies while the other computes its softmax.
        if (group == 1 && rounds.count > 1) arrive_some<256>(TURN);
        for (int j = 1; j < rounds.count; ++j)
        {
            sync_some<256>(TURN + group);
            scores(j);
            values(j - 1);
            if (group == 0 || j + 1 < rounds.count) arrive_some<256>(TURN + 1 - group);
            products_wait<1>();
            settled(s);
            free_slot(j, 0);
            softmax(j);
            products_wait<0>();
            settled(o);
            free_slot(j - 1, 1);
#pragma unroll
            for (int i = 0; i < D / 2; ++i) o[i] *= shrink[i / 2 % 2];
            take_weights();
        }
        values(rounds.count - 1);
        products_wait<0>();
        settled(o);
    }
};

extern "C" __global__ void __launch_bounds__(384, 1) prefill_attention_hopper(const __grid_constant__ HopperAttentionParams p)
{
    extern __shared__ __align__(1024) unsigned char shared[];
    __shared__ __align__(8) u64 barriers[STAGES * 4];
    const u32 q = (shared_address(shared) + 1023) & ~1023u, tiles = q + 2 * Q_GROUP;
    const u32 full = shared_address(barriers), empty = full + STAGES * 2 * 8;
    if (threadIdx.x == 0)
    {
        for (int i = 0; i < STAGES * 2; ++i)
        {
            barrier_init(full + i * 8, 1);
            barrier_init(empty + i * 8, 8);         // the consumers' warps
        }
        publish_to_async();
    }
    __syncthreads();
    wait_for_predecessor();
    launch_dependents();        // in this order: decode attention beside it may begin when queries and pages are complete

    const RowTile tile = p.tiles[blockIdx.y];
    const Segment segment = p.segments[tile.segment];
    const int head = blockIdx.x, kvHead = head / (p.heads / p.kvHeads);
    const int rows = min(ROWS, segment.count - tile.firstRow), firstPosition = segment.offset + tile.firstRow, keys = firstPosition + rows;
    const int firstKey = p.window ? max(0, firstPosition - p.window + 1) / KEYS * KEYS : 0;
    const Round rounds = {firstKey, (keys - firstKey + KEYS - 1) / KEYS};

    if (threadIdx.x < 128)
    {
        give_registers<24>();
        if (threadIdx.x == 0) feed(p, p.pageTables + segment.firstPage, (keys + PAGE - 1) / PAGE, rounds, kvHead, tiles, full, empty);
        return;
    }
    take_registers<240>();
    const int consumer = threadIdx.x / 128 - 1, warp = threadIdx.x % 128 / 32, lane = threadIdx.x % 32, group = lane / 4, quad = lane % 4;
    const u32 ownQ = q + consumer * Q_GROUP;
    for (int i = threadIdx.x % 128; i < GROUP * D / 8; i += 128)
    {
        const int row = i / (D / 8), chunk = i % (D / 8), at = consumer * GROUP + row;
        const bf16* from = p.q + (i64)(segment.firstRow + tile.firstRow + (at < rows ? at : 0)) * p.rowStride + head * D + chunk * 8;
        copy_async(ownQ + chunk / 8 * Q_HALF + row * 128 + ((chunk % 8 ^ row % 8) << 4), from, at < rows);
    }
    copy_commit();
    copy_wait<0>();
    publish_to_async();
    sync_warpgroup(1 + consumer);

    Consumer c = {p, rounds, ownQ, tiles, full, empty, consumer, lane, quad, firstPosition + consumer * GROUP, firstPosition + consumer * GROUP + warp * 16 + group,
                  {}, {}, {NEG_INF, NEG_INF}, {}, {}, {}};
    c.run();

#pragma unroll
    for (int half = 0; half < 2; ++half)
    {
        float total = c.sum[half];
        total += __shfl_xor_sync(ALL_LANES, total, 1);
        total += __shfl_xor_sync(ALL_LANES, total, 2);
        const int row = consumer * GROUP + warp * 16 + group + half * 8;
        if (row >= rows) continue;
        const float inverse = 1.f / total;
        u32* to = (u32*)(p.o + (i64)(segment.firstRow + tile.firstRow + row) * p.heads * D + head * D);
#pragma unroll
        for (int n = 0; n < D / 8; ++n) to[n * 4 + quad] = narrow2(c.o[n * 4 + half * 2] * inverse, c.o[n * 4 + half * 2 + 1] * inverse);
    }
}
