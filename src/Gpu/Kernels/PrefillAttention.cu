// Paged prefill attention (online softmax as in FlashAttention-2, arXiv 2307.08691):
//   o[t,h] = sum_j softmax_j(q[t,h] . k[j,h'] * scale) v[j,h']   over keys j <= position(t), and j > position(t) - window if there is one
//   q : rows of the fused projection, `rowStride` apart      k, v : pages [page][K, V][kv_head][token][D]      o : (tokens, heads * D) bf16
//   One block per 128 rows of one segment and head; four warps of 32 rows; 64 keys a round, two rounds in flight by cp.async.
//   Head size 256 has eight warps of 16 rows and 32 keys a round.   SOFTCAP: 1 where scores are capped.
//   Rounds start at multiples of KEYS whatever the chunking, so a row's bits depend on its own tokens only.
//   Bound: tensor cores, 2 * rows * keys * heads * D FLOP (causal half of 4 * ...).   CPU twin: Cpu/PagedAttention.cs
#include "Mma.cuh"

constexpr int D = HEAD_SIZE;
constexpr int ROWS = 128, KEYS = D > 128 ? 32 : 64, WARPS = D > 128 ? 8 : 4;
constexpr int STRIPES = ROWS / WARPS / 16;      // 16-row fragments a warp owns
constexpr int CHUNKS = D / 8;
constexpr int TILE_BYTES = KEYS * ROW_BYTES<D>;

struct Segment { int firstRow, count, offset, firstPage; };    // row of the batch, rows, position of the first, index into pageTables
struct RowTile { int segment, firstRow; };                      // row within the segment

struct PrefillAttentionParams
{
    const bf16* q;
    bf16* o;
    const bf16* pages;          // this layer's
    const int* pageTables;
    const Segment* segments;
    const RowTile* tiles;       // longest first
    int heads, kvHeads, rowStride;
    int window;                 // positions a row sees, its own included; 0 for all
    float scale;                // log2(e) times the model's, log2(e) alone under a cap
    ScoreCap cap;
};

__device__ __forceinline__ void load_tile(u32 k, u32 v, const PrefillAttentionParams& p, const int* table, int kvHead, int firstKey, int keys)
{
    const i64 head = (i64)PAGE * D, side = p.kvHeads * head;
#pragma unroll
    for (int i = threadIdx.x; i < KEYS * CHUNKS; i += WARPS * 32)
    {
        const int row = i / CHUNKS, chunk = i % CHUNKS, key = firstKey + row;
        const bool valid = key < keys;
        const bf16* from = p.pages + (valid ? table[key / PAGE] * 2 * side + kvHead * head + (key % PAGE) * D + chunk * 8 : 0);
        copy_async(k + swizzled<D>(row, chunk), from, valid);
        copy_async(v + swizzled<D>(row, chunk), from + side, valid);
    }
}

extern "C" __global__ void __launch_bounds__(WARPS * 32, D > 128 ? 1 : 2) prefill_attention(const __grid_constant__ PrefillAttentionParams p)
{
    extern __shared__ __align__(128) unsigned char shared[];
    wait_for_predecessor();
    launch_dependents();        // in this order: decode attention beside it may begin when queries and pages are complete
    const RowTile tile = p.tiles[blockIdx.x];
    const Segment segment = p.segments[tile.segment];
    const int head = blockIdx.y, kvHead = head / (p.heads / p.kvHeads);
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, group = lane / 4, quad = lane % 4;
    const int rows = min(ROWS, segment.count - tile.firstRow);
    const int firstPosition = segment.offset + tile.firstRow;
    const int keys = firstPosition + rows;
    const int firstKey = p.window ? max(0, firstPosition - p.window + 1) / KEYS * KEYS : 0;
    const int* table = p.pageTables + segment.firstPage;

    const u32 q = shared_address(shared), k = q + ROWS * ROW_BYTES<D>, v = k + 2 * TILE_BYTES;
    const bf16* qRows = p.q + (i64)(segment.firstRow + tile.firstRow) * p.rowStride + head * D;
    for (int i = threadIdx.x; i < ROWS * CHUNKS; i += WARPS * 32)
    {
        const int row = i / CHUNKS, chunk = i % CHUNKS;
        copy_async(q + swizzled<D>(row, chunk), qRows + (i64)(row < rows ? row : 0) * p.rowStride + chunk * 8, row < rows);
    }
    load_tile(k, v, p, table, kvHead, firstKey, keys);
    copy_commit();

    float o[STRIPES][D / 8][4] = {};
    float top[STRIPES][2], sum[STRIPES][2] = {};
#pragma unroll
    for (int s = 0; s < STRIPES; ++s) top[s][0] = top[s][1] = NEG_INF;

    int buffer = 0;
    for (int first = firstKey; first < keys; first += KEYS, buffer ^= 1)
    {
        if (first + KEYS < keys)
        {
            load_tile(k + (buffer ^ 1) * TILE_BYTES, v + (buffer ^ 1) * TILE_BYTES, p, table, kvHead, first + KEYS, keys);
            copy_commit();
            copy_wait<1>();
        }
        else copy_wait<0>();
        __syncthreads();

        // scores: S = Q K^T
        float score[STRIPES][KEYS / 8][4] = {};
        const u32 kTile = k + buffer * TILE_BYTES, vTile = v + buffer * TILE_BYTES;
#pragma unroll
        for (int step = 0; step < D / 16; ++step)
        {
            u32 a[STRIPES][4];
#pragma unroll
            for (int s = 0; s < STRIPES; ++s)
                ldmatrix(a[s], q + swizzled<D>(warp * 16 * STRIPES + s * 16 + lane % 16, step * 2 + lane / 16));
#pragma unroll
            for (int n = 0; n < KEYS / 16; ++n)
            {
                u32 b[4];
                ldmatrix(b, kTile + swizzled<D>(n * 16 + lane % 8 + lane / 16 * 8, step * 2 + lane / 8 % 2));
#pragma unroll
                for (int s = 0; s < STRIPES; ++s)
                {
                    mma(score[s][2 * n], a[s], b[0], b[1]);
                    mma(score[s][2 * n + 1], a[s], b[2], b[3]);
                }
            }
        }

        // mask: only rounds that meet the diagonal or the window's edge need it
        const bool masked = first + KEYS - 1 > firstPosition || (p.window && first <= firstPosition + ROWS - 1 - p.window);
#pragma unroll
        for (int s = 0; s < STRIPES; ++s)
        {
#pragma unroll
            for (int half = 0; half < 2; ++half)
            {
                const int position = firstPosition + warp * 16 * STRIPES + s * 16 + group + half * 8;
                float high = top[s][half];
#pragma unroll
                for (int n = 0; n < KEYS / 8; ++n)
#pragma unroll
                    for (int j = 0; j < 2; ++j)
                    {
                        float& x = score[s][n][half * 2 + j];
                        const int key = first + n * 8 + quad * 2 + j;
                        if constexpr (SOFTCAP) x = capped(x, p.cap);
                        if (masked && (key > position || (p.window && key <= position - p.window))) x = NEG_INF;
                        high = fmaxf(high, x);
                    }
                high = fmaxf(high, __shfl_xor_sync(ALL_LANES, high, 1));
                high = fmaxf(high, __shfl_xor_sync(ALL_LANES, high, 2));
                const float base = high == NEG_INF ? 0.f : high * p.scale;      // a row that has seen no key yet
                const float shrink = power2(top[s][half] * p.scale - base);
                top[s][half] = high;
                float total = 0.f;
#pragma unroll
                for (int n = 0; n < KEYS / 8; ++n)
#pragma unroll
                    for (int j = 0; j < 2; ++j)
                    {
                        float& x = score[s][n][half * 2 + j];
                        x = power2(x * p.scale - base);
                        total += x;
                    }
                sum[s][half] = sum[s][half] * shrink + total;
#pragma unroll
                for (int n = 0; n < D / 8; ++n)
                {
                    o[s][n][half * 2] *= shrink;
                    o[s][n][half * 2 + 1] *= shrink;
                }
            }
        }

        // O += P V
#pragma unroll
        for (int step = 0; step < KEYS / 16; ++step)
        {
            u32 a[STRIPES][4];
#pragma unroll
            for (int s = 0; s < STRIPES; ++s)
            {
                a[s][0] = narrow2(score[s][2 * step][0], score[s][2 * step][1]);
                a[s][1] = narrow2(score[s][2 * step][2], score[s][2 * step][3]);
                a[s][2] = narrow2(score[s][2 * step + 1][0], score[s][2 * step + 1][1]);
                a[s][3] = narrow2(score[s][2 * step + 1][2], score[s][2 * step + 1][3]);
            }
#pragma unroll
            for (int n = 0; n < D / 16; ++n)
            {
                u32 b[4];
                ldmatrix_transposed(b, vTile + swizzled<D>(step * 16 + lane % 8 + lane / 8 % 2 * 8, n * 2 + lane / 16));
#pragma unroll
                for (int s = 0; s < STRIPES; ++s)
                {
                    mma(o[s][2 * n], a[s], b[0], b[1]);
                    mma(o[s][2 * n + 1], a[s], b[2], b[3]);
                }
            }
        }
        __syncthreads();    // the buffer may be filled again
    }

#pragma unroll
    for (int s = 0; s < STRIPES; ++s)
#pragma unroll
        for (int half = 0; half < 2; ++half)
        {
            float total = sum[s][half];
            total += __shfl_xor_sync(ALL_LANES, total, 1);
            total += __shfl_xor_sync(ALL_LANES, total, 2);
            const int row = warp * 16 * STRIPES + s * 16 + group + half * 8;
            if (row >= rows) continue;
            const float inverse = 1.f / total;
            u32* to = (u32*)(p.o + (i64)(segment.firstRow + tile.firstRow + row) * p.heads * D + head * D);
#pragma unroll
            for (int n = 0; n < D / 8; ++n)
                to[n * 4 + quad] = narrow2(o[s][n][half * 2] * inverse, o[s][n][half * 2 + 1] * inverse);
        }
}
