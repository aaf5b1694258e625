// Paged decode attention, split over the keys (FlashDecoding): one new row per sequence against all of its pages.
//   The query heads of one KV head are packed into the 16 rows of an MMA, so each page is read once for all of them.
//   Grid (splits, kv_heads, rows). Four warps a block, each with its own ring of 16-key steps by cp.async; no block barrier in the loop.
//   A split covers `splitKeys` keys; with more than one, partial results (f32) and their log-sum go to scratch for decode_combine.
//   SOFTCAP: 1 where scores are capped.
//   Bound: memory, 4 * keys * kv_heads * D bytes a row.   CPU twin: Cpu/PagedAttention.cs
#include "Mma.cuh"

constexpr int D = HEAD_SIZE;
constexpr int WARPS = 4, STEP = 16, STAGES = D > 128 ? 2 : 3;
constexpr int CHUNKS = D / 8;
constexpr int SIDE_BYTES = STEP * ROW_BYTES<D>;           // K or V of a step
constexpr int HEADS = 16;                           // rows of the MMA

struct DecodeRow { int row, position, firstPage; };    // row of the batch, position of its token, index into pageTables

struct DecodeAttentionParams
{
    const bf16* q;              // rows of the fused projection
    bf16* o;                    // (rows of the batch, heads * D)
    const bf16* pages;
    const int* pageTables;
    const DecodeRow* rows;
    float* partial;             // (rows, heads, splits, D)
    float* logSum;              // (rows, heads, splits), base 2
    int heads, kvHeads, rowStride, splitKeys, splits, window;
    float scale;                // log2(e) times the model's, log2(e) alone under a cap
    ScoreCap cap;
    int beside;                 // the kernel before is prefill attention, which began when queries and pages were complete: only its end is waited for
};

__device__ __forceinline__ int first_key(const DecodeAttentionParams& p, int position) { return p.window ? max(0, position - p.window + 1) : 0; }

extern "C" __global__ void __launch_bounds__(WARPS * 32) decode_attention(const __grid_constant__ DecodeAttentionParams p)
{
    extern __shared__ __align__(128) unsigned char shared[];
    launch_dependents();
    if (!p.beside) wait_for_predecessor();
    const DecodeRow row = p.rows[blockIdx.z];
    const int firstKey = first_key(p, row.position), keys = row.position + 1;
    const int begin = max(blockIdx.x * p.splitKeys, firstKey / STEP * STEP), end = min(keys, ((int)blockIdx.x + 1) * p.splitKeys);
    if (begin >= end) return;
    const bool single = firstKey / STEP * STEP / p.splitKeys == row.position / p.splitKeys;     // the only split of its row

    const int kvHead = blockIdx.y, packed = p.heads / p.kvHeads;
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, group = lane / 4, quad = lane % 4;
    const int* table = p.pageTables + row.firstPage;
    const i64 head = (i64)PAGE * D, side = p.kvHeads * head;
    const u32 ring = shared_address(shared) + warp * STAGES * 2 * SIDE_BYTES;

    // each head's query, straight into the fragments' layout
    u32 q[D / 16][4];
    const bf16* query = p.q + (i64)row.row * p.rowStride + (i64)kvHead * packed * D;
#pragma unroll
    for (int step = 0; step < D / 16; ++step)
#pragma unroll
        for (int r = 0; r < 4; ++r)
        {
            const int h = group + (r & 1) * 8, d = step * 16 + quad * 2 + (r >> 1) * 8;
            q[step][r] = h < packed ? *(const u32*)(query + h * D + d) : 0u;
        }

    auto load = [&](int stage, int first) {
        const u32 k = ring + stage * 2 * SIDE_BYTES, v = k + SIDE_BYTES;
#pragma unroll
        for (int i = lane; i < STEP * CHUNKS; i += 32)
        {
            const int r = i / CHUNKS, chunk = i % CHUNKS, key = first + r;
            const bool valid = key < end;
            const bf16* from = p.pages + (valid ? table[key / PAGE] * 2 * side + kvHead * head + (key % PAGE) * D + chunk * 8 : 0);
            copy_async(k + swizzled<D>(r, chunk), from, valid);
            copy_async(v + swizzled<D>(r, chunk), from + side, valid);
        }
    };

    float o[D / 8][4] = {};
    float top[2] = {NEG_INF, NEG_INF}, sum[2] = {};
    const int stride = WARPS * STEP;
    int next = begin + warp * STEP;
#pragma unroll
    for (int stage = 0; stage < STAGES - 1; ++stage, next += stride)
    {
        if (next < end) load(stage, next);
        copy_commit();
    }
    int stage = 0;
    for (int first = begin + warp * STEP; first < end; first += stride, next += stride)
    {
        if (next < end) load((stage + STAGES - 1) % STAGES, next);
        copy_commit();
        copy_wait<STAGES - 1>();
        __syncwarp();
        const u32 k = ring + stage * 2 * SIDE_BYTES, v = k + SIDE_BYTES;

        float score[2][4] = {};
#pragma unroll
        for (int step = 0; step < D / 16; ++step)
        {
            u32 b[4];
            ldmatrix(b, k + swizzled<D>(lane % 8 + lane / 16 * 8, step * 2 + lane / 8 % 2));
            mma(score[0], q[step], b[0], b[1]);
            mma(score[1], q[step], b[2], b[3]);
        }
#pragma unroll
        for (int half = 0; half < 2; ++half)
        {
            float high = top[half];
#pragma unroll
            for (int n = 0; n < 2; ++n)
#pragma unroll
                for (int j = 0; j < 2; ++j)
                {
                    const int key = first + n * 8 + quad * 2 + j;
                    float& x = score[n][half * 2 + j];
                    if constexpr (SOFTCAP) x = capped(x, p.cap);
                    if (key >= end || key < firstKey) x = NEG_INF;
                    high = fmaxf(high, x);
                }
            high = fmaxf(high, __shfl_xor_sync(ALL_LANES, high, 1));
            high = fmaxf(high, __shfl_xor_sync(ALL_LANES, high, 2));
            const float base = high == NEG_INF ? 0.f : high * p.scale;
            const float shrink = power2(top[half] * p.scale - base);
            top[half] = high;
            float total = 0.f;
#pragma unroll
            for (int n = 0; n < 2; ++n)
#pragma unroll
                for (int j = 0; j < 2; ++j)
                {
                    float& x = score[n][half * 2 + j];
                    x = power2(x * p.scale - base);
                    total += x;
                }
            sum[half] = sum[half] * shrink + total;
#pragma unroll
            for (int n = 0; n < D / 8; ++n)
            {
                o[n][half * 2] *= shrink;
                o[n][half * 2 + 1] *= shrink;
            }
        }
        const u32 a[4] = {narrow2(score[0][0], score[0][1]), narrow2(score[0][2], score[0][3]), narrow2(score[1][0], score[1][1]), narrow2(score[1][2], score[1][3])};
#pragma unroll
        for (int n = 0; n < D / 16; ++n)
        {
            u32 b[4];
            ldmatrix_transposed(b, v + swizzled<D>(lane % 8 + lane / 8 % 2 * 8, n * 2 + lane / 16));
            mma(o[2 * n], a, b[0], b[1]);
            mma(o[2 * n + 1], a, b[2], b[3]);
        }
        __syncwarp();
        stage = (stage + 1) % STAGES;
    }
    copy_wait<0>();
    __syncthreads();        // the rings become the warps' results

    float* results = (float*)shared;                    // (warps, HEADS, D), then (warps, HEADS) tops and sums
    float* tops = results + WARPS * HEADS * D;
    float* sums = tops + WARPS * HEADS;
#pragma unroll
    for (int half = 0; half < 2; ++half)
    {
        float total = sum[half];
        total += __shfl_xor_sync(ALL_LANES, total, 1);
        total += __shfl_xor_sync(ALL_LANES, total, 2);
        const int h = group + half * 8;
        if (quad == 0)
        {
            tops[warp * HEADS + h] = top[half];
            sums[warp * HEADS + h] = total;
        }
#pragma unroll
        for (int n = 0; n < D / 8; ++n)
            *(float2*)(results + (warp * HEADS + h) * D + n * 8 + quad * 2) = make_float2(o[n][half * 2], o[n][half * 2 + 1]);
    }
    __syncthreads();
    for (int i = threadIdx.x; i < packed * D; i += WARPS * 32)
    {
        const int h = i / D, d = i % D;
        float high = NEG_INF;
#pragma unroll
        for (int w = 0; w < WARPS; ++w) high = fmaxf(high, tops[w * HEADS + h]);
        float total = 0.f, value = 0.f;
#pragma unroll
        for (int w = 0; w < WARPS; ++w)
        {
            const float weight = power2((tops[w * HEADS + h] - high) * p.scale);
            total += sums[w * HEADS + h] * weight;
            value += results[(w * HEADS + h) * D + d] * weight;
        }
        const int queryHead = kvHead * packed + h;
        if (single)
            p.o[((i64)row.row * p.heads + queryHead) * D + d] = narrow(value / total);
        else
        {
            const i64 at = ((i64)blockIdx.z * p.heads + queryHead) * p.splits + blockIdx.x;
            p.partial[at * D + d] = value / total;
            if (d == 0) p.logSum[at] = high * p.scale + log2f(total);
        }
    }
    if (p.beside) wait_for_predecessor();       // what comes next waits for this kernel only
}

// Joins the splits of each head: o = sum_s 2^(log_s - log) partial_s. Grid (heads, rows), D threads. Rows with one split are done already.
extern "C" __global__ void __launch_bounds__(D) decode_combine(const __grid_constant__ DecodeAttentionParams p)
{
    launch_dependents();
    wait_for_predecessor();
    const DecodeRow row = p.rows[blockIdx.y];
    const int begin = first_key(p, row.position) / STEP * STEP / p.splitKeys, end = row.position / p.splitKeys;    // first and last split
    if (begin == end) return;
    const i64 at = ((i64)blockIdx.y * p.heads + blockIdx.x) * p.splits;
    float high = NEG_INF;
    for (int s = begin; s <= end; ++s) high = fmaxf(high, p.logSum[at + s]);
    float total = 0.f, value = 0.f;
    for (int s = begin; s <= end; ++s)
    {
        const float weight = power2(p.logSum[at + s] - high);
        total += weight;
        value += weight * p.partial[(at + s) * D + threadIdx.x];
    }
    p.o[((i64)row.row * p.heads + blockIdx.x) * D + threadIdx.x] = narrow(value / total);
}
