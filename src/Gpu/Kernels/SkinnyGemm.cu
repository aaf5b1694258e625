// Y = X W^T (+ bias) for a few rows, written as a reader of W: every weight passes the SM once and goes straight into an MMA.
//   x : (rows, k) bf16      w : (n, k) bf16      bias : (n) bf16 or absent      y : (rows, n) bf16, or f32 for the head
//   norm : (k) bf16: X is RMS-normalised on the way. The row's scale is a factor of its results, so it is applied at the end.
//   residual : (rows, n) bf16 is added to the result; it may be y itself.
//   gated : w holds n gate rows, then n up rows, and y = silu(gate) * up (SwiGlu.cu).
//   A block owns 16 rows of W; its eight warps share k among them and add up through shared memory in a fixed order.
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
    const bf16* norm;       // or null
    const bf16* residual;   // or null
    void* y;
    int rows, n, k;         // k a multiple of 32
    int wide;               // y is f32
    int gated;
    float epsilon;
};

__device__ __forceinline__ uint4 load_once(const void* p)
{
    uint4 v;
    asm volatile("ld.global.nc.L1::no_allocate.L2::256B.v4.u32 {%0,%1,%2,%3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "l"(p));
    return v;
}

// Two values times their norm weights; the squares of the values are added up.
__device__ __forceinline__ u32 weighted(u32 x, u32 norm, float& squares)
{
    const float2 a = widen2(x), w = widen2(norm);
    squares += a.x * a.x + a.y * a.y;
    return narrow2(a.x * w.x, a.y * w.y);
}

extern "C" __global__ void __launch_bounds__(WARPS * 32) skinny_gemm(const __grid_constant__ SkinnyGemmParams p)
{
    __shared__ float sums[WARPS][ROWS][OUTPUTS];
    __shared__ float squareSums[WARPS][ROWS];
    launch_dependents();
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, group = lane / 4, quad = lane % 4;
    const int owned = p.gated ? OUTPUTS / 2 : OUTPUTS, first = blockIdx.x * owned;
    const int pieces = p.k / 32, share = (pieces + WARPS - 1) / WARPS;
    const int begin = warp * share, end = min(pieces, begin + share);

    // rows past the edge read the last one; their results are not written
    const int lowRow = min(first + group, p.n - 1), highRow = p.gated ? p.n + lowRow : min(first + group + 8, p.n - 1);
    const bf16* wLow = p.w + (i64)lowRow * p.k + quad * 8;
    const bf16* wHigh = p.w + (i64)highRow * p.k + quad * 8;
    float d[BLOCKS8][4] = {}, squares[BLOCKS8] = {};
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
            const int at = (piece + u) * 32 + quad * 8;
            const uint4 norm = p.norm ? *(const uint4*)(p.norm + at) : make_uint4(0, 0, 0, 0);
#pragma unroll
            for (int r = 0; r < BLOCKS8; ++r)
            {
                const int row = r * 8 + group;
                uint4 x = row < p.rows ? *(const uint4*)(p.x + (i64)row * p.k + at) : make_uint4(0, 0, 0, 0);
                if (p.norm)
                    x = make_uint4(weighted(x.x, norm.x, squares[r]), weighted(x.y, norm.y, squares[r]), weighted(x.z, norm.z, squares[r]), weighted(x.w, norm.w, squares[r]));
                mma(d[r], even, x.x, x.y);
                mma(d[r], odd, x.z, x.w);
            }
        }
    }
#pragma unroll
    for (int r = 0; r < BLOCKS8; ++r)
    {
        float square = squares[r];
        square += __shfl_xor_sync(ALL_LANES, square, 1);
        square += __shfl_xor_sync(ALL_LANES, square, 2);
        if (quad == 0) squareSums[warp][r * 8 + group] = square;
#pragma unroll
        for (int i = 0; i < 4; ++i) sums[warp][r * 8 + quad * 2 + (i & 1)][group + (i >> 1) * 8] = d[r][i];
    }
    __syncthreads();
    for (int i = threadIdx.x; i < p.rows * owned; i += WARPS * 32)
    {
        const int row = i / owned, column = i % owned, output = first + column;
        if (output >= p.n) continue;
        float total = 0.f, gate = 0.f, square = 0.f;
#pragma unroll
        for (int w = 0; w < WARPS; ++w)
        {
            gate += sums[w][row][column];
            total += sums[w][row][p.gated ? column + 8 : column];
            square += squareSums[w][row];
        }
        const float scale = p.norm ? rsqrtf(square / p.k + p.epsilon) : 1.f;
        total *= scale;
        gate *= scale;
        if (p.gated) total *= gate / (1.f + __expf(-gate));
        if (p.bias) total += widen(p.bias[output]);
        const i64 at = (i64)row * p.n + output;
        if (p.residual) total += widen(p.residual[at]);
        if (p.wide) ((float*)p.y)[at] = total;
        else ((bf16*)p.y)[at] = narrow(total);
    }
}
