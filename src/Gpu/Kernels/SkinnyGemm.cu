// Y = X W^T (+ bias) for a few rows, written as a reader of W: every weight passes the SM once and goes straight into an MMA.
//   x : (rows, k) bf16      w : (n, k) bf16      bias : (n) bf16 or absent      y : (rows, n) bf16, or f32 for the head
//   residual : (rows, n) bf16 is added to the result; it may be y itself.
//   gated : w holds n gate rows, then n up rows, and y = silu(gate) * up (SwiGlu.cu).
//   A block takes 16 rows of W at a time; its eight warps share k among them and add up through shared memory in a fixed order, while the
//   next 16 rows already flow.
//   k is permuted within 32: a lane's 16 bytes hold k = 8 quad .. 8 quad + 7, the same for x, so both load without a shuffle.
//   Bound: memory, 2 * n * k bytes.   CPU twin: Cpu/MatMul.cs
#include "Mma.cuh"

constexpr int ROWS = BATCH_ROWS;         // 8 or 16
constexpr int BLOCKS8 = ROWS / 8;
constexpr int WARPS = 8, OUTPUTS = 16, UNROLL = 4;

struct SkinnyGemmParams
{
    const bf16* x;
    const bf16* w;
    const bf16* bias;       // or null
    const bf16* residual;   // or null
    void* y;
    int rows, n, k;         // k a multiple of 32
    int wide;               // y is f32
    int gated;
};

#ifdef DEVICE_ONLY
__device__ __forceinline__ uint4 load_once(const void* p)
{
    uint4 v;
    asm volatile("ld.global.nc.L1::no_allocate.L2::256B.v4.u32 {%0,%1,%2,%3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "l"(p));
    return v;
}
#endif

extern "C" __global__ void __launch_bounds__(WARPS * 32) skinny_gemm(const __grid_constant__ SkinnyGemmParams p)
{
    __shared__ float sums[WARPS][ROWS][OUTPUTS];
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, group = lane / 4, quad = lane % 4;
    const int owned = p.gated ? OUTPUTS / 2 : OUTPUTS, tiles = (p.n + owned - 1) / owned;
    const int pieces = p.k / 32, share = (pieces + WARPS - 1) / WARPS;
    const int begin = warp * share, end = min(pieces, begin + share);
    const bf16 *wLow, *wHigh;
    uint4 low[UNROLL], high[UNROLL];
    auto start = [&](int tile) {
        // rows past the edge read the last one; their results are not written
        const int first = tile * owned, lowRow = min(first + group, p.n - 1), highRow = p.gated ? p.n + lowRow : min(first + group + 8, p.n - 1);
        wLow = p.w + (i64)lowRow * p.k + quad * 8;
        wHigh = p.w + (i64)highRow * p.k + quad * 8;
#pragma unroll
        for (int u = 0; u < UNROLL; ++u)
            if (begin + u < end)
            {
                low[u] = load_once(wLow + (begin + u) * 32);
                high[u] = load_once(wHigh + (begin + u) * 32);
            }
    };

    start(blockIdx.x);      // weights don't depend on the kernel before: they may start to flow early
    wait_for_predecessor();
    for (int tile = blockIdx.x; tile < tiles; tile += gridDim.x)
    {
        float d[BLOCKS8][4] = {};
        for (int piece = begin; piece < end; piece += UNROLL)
        {
#pragma unroll
            for (int u = 0; u < UNROLL; ++u)
            {
                if (piece + u >= end) break;
                const uint4 a = low[u], b = high[u];
                if (piece + u + UNROLL < end)
                {
                    low[u] = load_once(wLow + (piece + u + UNROLL) * 32);
                    high[u] = load_once(wHigh + (piece + u + UNROLL) * 32);
                }
                const u32 even[4] = {a.x, b.x, a.y, b.y}, odd[4] = {a.z, b.z, a.w, b.w};
                const int at = (piece + u) * 32 + quad * 8;
#pragma unroll
                for (int r = 0; r < BLOCKS8; ++r)
                {
                    const int row = r * 8 + group;
                    const uint4 x = row < p.rows ? *(const uint4*)(p.x + (i64)row * p.k + at) : make_uint4(0, 0, 0, 0);
                    mma(d[r], even, x.x, x.y);
                    mma(d[r], odd, x.z, x.w);
                }
            }
        }
        if (tile + gridDim.x < tiles) start(tile + gridDim.x);      // flows while this tile is added up
        else launch_dependents();
        __syncthreads();
#pragma unroll
        for (int r = 0; r < BLOCKS8; ++r)
        {
#pragma unroll
            for (int i = 0; i < 4; ++i) sums[warp][r * 8 + quad * 2 + (i & 1)][group + (i >> 1) * 8] = d[r][i];
        }
        __syncthreads();
        for (int i = threadIdx.x; i < p.rows * owned; i += WARPS * 32)
        {
            const int row = i / owned, column = i % owned, output = tile * owned + column;
            if (output >= p.n) continue;
            float total = 0.f, gate = 0.f;
#pragma unroll
            for (int w = 0; w < WARPS; ++w)
            {
                gate += sums[w][row][column];
                total += sums[w][row][p.gated ? column + 8 : column];
            }
            if (p.gated) total *= gate / (1.f + __expf(-gate));
            if (p.bias) total += widen(p.bias[output]);
            const i64 at = (i64)row * p.n + output;
            if (p.residual) total += widen(p.residual[at]);
            if (p.wide) ((float*)p.y)[at] = total;
            else ((bf16*)p.y)[at] = narrow(total);
        }
    }
}
