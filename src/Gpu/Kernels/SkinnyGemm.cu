// Y = X W^T (+ bias) for a few rows, written as a reader of W: every weight passes the SM once and goes straight into an MMA.
//   x : (rows, k) bf16      w : (n, k) bf16      bias : (n) bf16 or absent      y : (rows, n) bf16, or f32 for the head
//   A block owns 16 outputs; its eight warps share k among them and add up through shared memory in a fixed order.
//   k is permuted within 32: a lane's 16 bytes hold k = 8 quad .. 8 quad + 7, the same for x, so both load without a shuffle.
//   Bound: memory, 2 * n * k bytes.   CPU twin: Cpu/MatMul.cs
#include "Mma.cuh"

constexpr int ROWS = BATCH_ROWS;         // 8, 16 or 32
constexpr int BLOCKS8 = ROWS / 8;
constexpr int WARPS = 8, OUTPUTS = 16, UNROLL = ROWS <= 16 ? 4 : 2;

struct SkinnyGemmParams
{
    const bf16* x;
    const bf16* w;
    const bf16* bias;       // or null
    void* y;
    int rows, n, k;         // k a multiple of 32
    int wide;               // y is f32
};

__device__ __forceinline__ uint4 load_once(const void* p)
{
    uint4 v;
    asm volatile("ld.global.nc.L1::no_allocate.L2::256B.v4.u32 {%0,%1,%2,%3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "l"(p));
    return v;
}

extern "C" __global__ void __launch_bounds__(WARPS * 32) skinny_gemm(const __grid_constant__ SkinnyGemmParams p)
{
    __shared__ float sums[WARPS][ROWS][OUTPUTS];
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, group = lane / 4, quad = lane % 4;
    const int first = blockIdx.x * OUTPUTS;
    const int pieces = p.k / 32, share = (pieces + WARPS - 1) / WARPS;
    const int begin = warp * share, end = min(pieces, begin + share);

    // rows past the edge read the last one; their results are not written
    const bf16* wLow = p.w + (i64)min(first + group, p.n - 1) * p.k + quad * 8;
    const bf16* wHigh = p.w + (i64)min(first + group + 8, p.n - 1) * p.k + quad * 8;
    float d[BLOCKS8][4] = {};
    uint4 low[UNROLL], high[UNROLL];
#pragma unroll
    for (int u = 0; u < UNROLL; ++u)        // weights don't depend on the kernel before: they may start to flow early
        if (begin + u < end)
        {
            low[u] = load_once(wLow + (begin + u) * 32);
            high[u] = load_once(wHigh + (begin + u) * 32);
        }
    wait_for_predecessor();
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
#pragma unroll
            for (int r = 0; r < BLOCKS8; ++r)
            {
                const int row = r * 8 + group;
                const uint4 x = row < p.rows ? *(const uint4*)(p.x + (i64)row * p.k + (piece + u) * 32 + quad * 8) : make_uint4(0, 0, 0, 0);
                mma(d[r], even, x.x, x.y);
                mma(d[r], odd, x.z, x.w);
            }
        }
    }
    launch_dependents();
#pragma unroll
    for (int r = 0; r < BLOCKS8; ++r)
#pragma unroll
        for (int i = 0; i < 4; ++i)
            sums[warp][r * 8 + quad * 2 + (i & 1)][group + (i >> 1) * 8] = d[r][i];
    __syncthreads();
    for (int i = threadIdx.x; i < p.rows * OUTPUTS; i += WARPS * 32)
    {
        const int row = i / OUTPUTS, output = first + i % OUTPUTS;
        if (output >= p.n) continue;
        float total = p.bias ? widen(p.bias[output]) : 0.f;
#pragma unroll
        for (int w = 0; w < WARPS; ++w) total += sums[w][row][i % OUTPUTS];
        const i64 at = (i64)row * p.n + output;
        if (p.wide) ((float*)p.y)[at] = total;
        else ((bf16*)p.y)[at] = narrow(total);
    }
}
