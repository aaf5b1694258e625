// Sums of hidden states over positions of prompts, for their mean or for the last alone:  y[s,i] = sum of x[t,i] over t = first(s) .. first(s) + count(s) - 1
//   x : (tokens, dim) bf16      y : (pools, dim) f64 in the host's memory      Grid (pieces of 64 columns, pools)
//   In f64 bf16 values add without rounding unless they are very far apart: neither the order of adding nor the prompt's cut into chunks shows.
//   Bound: memory, 2 * tokens * dim bytes.   CPU twin: PromptProbe.See
#include "Probing.cuh"

constexpr int THREADS = 256, WARPS = THREADS / 32, COLUMNS = 64;

struct PoolRecord { int first, count; };

struct PoolParams
{
    const bf16* x;
    const PoolRecord* pools;
    const ProbeHeader* header;
    int dim;                    // a multiple of 8
};

extern "C" __global__ void __launch_bounds__(THREADS) pool_rows(const __grid_constant__ PoolParams p)
{
    __shared__ double sums[WARPS][COLUMNS];
    launch_dependents();
    wait_for_predecessor();
    const PoolRecord pool = p.pools[blockIdx.y];
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, first = blockIdx.x * COLUMNS;
    double low = 0, high = 0;
    if (first + 2 * lane < p.dim)
#pragma unroll 4
        for (int t = warp; t < pool.count; t += WARPS)
        {
            const float2 pair = widen2(*(const u32*)(p.x + (i64)(pool.first + t) * p.dim + first + 2 * lane));
            low += pair.x;
            high += pair.y;
        }
    sums[warp][2 * lane] = low;
    sums[warp][2 * lane + 1] = high;
    __syncthreads();
    const int column = threadIdx.x;
    if (column >= COLUMNS || first + column >= p.dim) return;
    double sum = 0;
#pragma unroll
    for (int w = 0; w < WARPS; ++w) sum += sums[w][column];
    p.header->sums[(i64)blockIdx.y * p.dim + first + column] = sum;
}
