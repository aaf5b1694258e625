// Y = X W^T (+ bias) for a batch of decode rows, on sm_90a: every weight passes one SM once, and the outputs are the rows of wgmma.
//   x : (rows, k) bf16      w : (n, k) bf16      bias : (n) bf16 or null      y : (rows, n) bf16, or f32 for the head
//   A piece is 64 inputs of a tile of 128 outputs. The pieces of all tiles, in order, are dealt out evenly to the blocks (Stream-K,
//   arXiv 2301.03598), so any number of SMs ends at once. Blocks that share a tile leave their sums in `parts`, and the one that comes last
//   adds them in the order of the blocks: a result's bits don't depend on who that was.
//   One warp feeds the ring. It does so before the kernel before has ended, since weights don't depend on it.
//   Bound: memory, 2 * n * k bytes.   CPU twin: Cpu/MatMul.cs
#include "Hopper.cuh"

constexpr int ROWS = BATCH_ROWS;        // 32, 64 or 128: the batch, padded
constexpr int TILE = 128, PIECE = 64, CONSUMERS = 256;
constexpr int W_BYTES = TILE * PIECE * 2, STAGE_BYTES = W_BYTES + ROWS * PIECE * 2, STAGES = ROWS > 64 ? 6 : ROWS > 32 ? 8 : 10;

struct BatchGemmParams
{
    TensorMap w, x;             // boxes of TILE and ROWS rows of PIECE columns
    const bf16* bias;
    void* y;
    float* parts;               // (2 * blocks, TILE * ROWS), in the order of the fragments
    int* tickets;               // (tiles) blocks that have left their part; zero between launches
    int rows, n, k;             // k a multiple of PIECE
    int wide;                   // y is f32
};

// Which pieces a block has, one at least. `of` is the block of a piece.
struct Deal
{
    int pieces, total, blocks;      // of a tile, of all, of the grid
    __device__ __forceinline__ int begin(int block) const { return (int)((i64)total * block / blocks); }
    __device__ __forceinline__ int of(int piece) const { return (int)((((i64)piece + 1) * blocks - 1) / total); }
    __device__ __forceinline__ int slot(int block, int tile) const { return 2 * block + (tile != begin(block) / pieces); }     // only a block's first and last tile can be shared
};

struct Ring
{
    u32 stages, barriers;
    __device__ __forceinline__ u32 at(int i) const { return stages + i % STAGES * STAGE_BYTES; }
    __device__ __forceinline__ u32 full(int i) const { return barriers + i % STAGES * 16; }
    __device__ __forceinline__ u32 empty(int i) const { return full(i) + 8; }
};

__device__ __forceinline__ void feed(const BatchGemmParams& p, const Deal& deal, const Ring& ring)
{
    const int begin = deal.begin(blockIdx.x), count = deal.begin(blockIdx.x + 1) - begin, ahead = min(count, STAGES);
    const u64 once = read_once();
    auto weights = [&](int i) {
        barrier_expect(ring.full(i), STAGE_BYTES);
        copy_box(ring.at(i), &p.w, (begin + i) % deal.pieces * PIECE, (begin + i) / deal.pieces * TILE, ring.full(i), once);
    };
    auto inputs = [&](int i) { copy_box(ring.at(i) + W_BYTES, &p.x, (begin + i) % deal.pieces * PIECE, 0, ring.full(i)); };
    for (int i = 0; i < ahead; ++i) weights(i);
    wait_for_predecessor();
    for (int i = 0; i < ahead; ++i) inputs(i);
    for (int i = ahead; i < count; ++i)
    {
        barrier_wait(ring.empty(i), (i / STAGES + 1) & 1);
        weights(i);
        inputs(i);
    }
}

// A thread's fragment: outputs `first` and 8 below, of rows n * 8 + quad * 2 and the next.
__device__ __forceinline__ void store(const BatchGemmParams& p, const float (&d)[ROWS / 2], int first, int quad)
{
#pragma unroll
    for (int half = 0; half < 2; ++half)
    {
        const int output = first + half * 8;
        if (output >= p.n) continue;
        const float bias = p.bias ? widen(p.bias[output]) : 0.f;
#pragma unroll
        for (int n = 0; n < ROWS / 8; ++n)
#pragma unroll
            for (int j = 0; j < 2; ++j)
            {
                const int row = n * 8 + quad * 2 + j;
                if (row >= p.rows) continue;
                const float value = d[n * 4 + half * 2 + j] + bias;
                if (p.wide) ((float*)p.y)[(i64)row * p.n + output] = value;
                else ((bf16*)p.y)[(i64)row * p.n + output] = narrow(value);
            }
    }
}

// Leaves this block's sums of a shared tile; true for the block that came last, whose d becomes the tile's.
__device__ __forceinline__ bool join(const BatchGemmParams& p, const Deal& deal, int tile, float (&d)[ROWS / 2], int* last)
{
    const int from = deal.of(tile * deal.pieces), to = deal.of((tile + 1) * deal.pieces - 1), own = blockIdx.x, thread = threadIdx.x;
    if (from == to) return true;
    auto part = [&](int block) { return (float4*)(p.parts + (i64)deal.slot(block, tile) * TILE * ROWS) + thread; };
    float4* mine = part(own);
#pragma unroll
    for (int i = 0; i < ROWS / 8; ++i) mine[i * CONSUMERS] = make_float4(d[4 * i], d[4 * i + 1], d[4 * i + 2], d[4 * i + 3]);
    __threadfence();
    sync_some<CONSUMERS>(1);
    if (thread == 0) *last = atomicAdd(p.tickets + tile, 1) == to - from;
    sync_some<CONSUMERS>(1);
    if (!*last) return false;
    __threadfence();
    if (thread == 0) p.tickets[tile] = 0;
#pragma unroll
    for (int i = 0; i < ROWS / 2; ++i) d[i] = 0.f;
    for (int block = from; block <= to; ++block)
    {
        const float4* other = part(block);
#pragma unroll
        for (int i = 0; i < ROWS / 8; ++i)
        {
            const float4 v = load_shared_work(other + i * CONSUMERS);
            d[4 * i] += v.x;
            d[4 * i + 1] += v.y;
            d[4 * i + 2] += v.z;
            d[4 * i + 3] += v.w;
        }
    }
    return true;
}

__device__ __forceinline__ void consume(const BatchGemmParams& p, const Deal& deal, const Ring& ring, int* last)
{
    const int begin = deal.begin(blockIdx.x), count = deal.begin(blockIdx.x + 1) - begin;
    const int half = threadIdx.x / 128, warp = threadIdx.x / 32 % 4, lane = threadIdx.x % 32;
    wait_for_predecessor();
    for (int i = 0; i < count;)
    {
        const int tile = (begin + i) / deal.pieces, first = i, end = min(count, (tile + 1) * deal.pieces - begin);
        float d[ROWS / 2];
        for (; i < end; ++i)
        {
            barrier_wait(ring.full(i), i / STAGES & 1);
            products_begin();
#pragma unroll
            for (int step = 0; step < PIECE / 16; ++step)
                product(d, matrix_at(ring.at(i) + half * (W_BYTES / 2) + step * 32, 16), matrix_at(ring.at(i) + W_BYTES + step * 32, 16), i > first || step > 0);
            products_commit();
            products_wait<1>();
            if (i > first && lane == 0) barrier_arrive(ring.empty(i - 1));
        }
        products_wait<0>();
        settled(d);
        if (lane == 0) barrier_arrive(ring.empty(i - 1));
        if (join(p, deal, tile, d, last)) store(p, d, tile * TILE + half * 64 + warp * 16 + lane / 4, lane % 4);
    }
}

extern "C" __global__ void __launch_bounds__(CONSUMERS + 32) batch_gemm(const __grid_constant__ BatchGemmParams p)
{
    extern __shared__ __align__(1024) unsigned char shared[];
    __shared__ int last;
    const Ring ring = {(shared_address(shared) + 1023) & ~1023u, ((shared_address(shared) + 1023) & ~1023u) + STAGES * STAGE_BYTES};
    const int tiles = (p.n + TILE - 1) / TILE, pieces = p.k / PIECE;
    const Deal deal = {pieces, tiles * pieces, (int)gridDim.x};
    if (threadIdx.x == 0)
    {
        for (int i = 0; i < STAGES; ++i)
        {
            barrier_init(ring.full(i), 1);
            barrier_init(ring.empty(i), CONSUMERS / 32);
        }
        publish_to_async();
    }
    __syncthreads();
    launch_dependents();
    if (threadIdx.x < CONSUMERS) consume(p, deal, ring, &last);
    else if (threadIdx.x == CONSUMERS) feed(p, deal, ring);
}
