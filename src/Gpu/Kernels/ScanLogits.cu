// What every sampled row needs of its logits: the largest, its lowest id, and the logarithm of the sum of exponentials.
//   logits : (rows, vocabulary) f32      scans : (rows)      Grid (slices, rows); the slice that comes last joins its row.
//   A plain row (greedy, nothing to edit or report but the token's logprob) is finished here.
//   Bound: memory, 4 * rows * vocabulary bytes.   CPU twin: Models/Sampling/Sampler.cs, Models/Sampling/Logprobs.cs
#include "Sampling.cuh"

constexpr int THREADS = 256, HELD = SLICE / THREADS;

struct ScanParams
{
    const float* logits;
    const SampleRow* rows;
    const StepHeader* header;
    Scan* partial;              // (rows, slices)
    Scan* scans;                // (rows)
    int* tickets;               // (rows) slices that are done; all zero between launches
    int* sampled;               // (slots) the last token sampled for each
    int vocabulary, slices;
};

extern "C" __global__ void __launch_bounds__(THREADS) scan_logits(const __grid_constant__ ScanParams p)
{
    __shared__ Scan warps[THREADS / 32];
    __shared__ int last;
    launch_dependents();
    wait_for_predecessor();
    const int row = blockIdx.y, lane = threadIdx.x % 32;
    const float* logits = p.logits + (i64)row * p.vocabulary;
    float held[HELD];
    Scan mine = {NEG_INF, NO_TOKEN, 0.f};
#pragma unroll
    for (int j = 0; j < HELD; ++j)
    {
        const int id = blockIdx.x * SLICE + j * THREADS + threadIdx.x;
        held[j] = id < p.vocabulary ? cleaned(logits[id]) : NEG_INF;
        if (id < p.vocabulary && better(held[j], id, mine.value, mine.id))
        {
            mine.value = held[j];
            mine.id = id;
        }
    }
    if (mine.value != NEG_INF)
#pragma unroll
        for (int j = 0; j < HELD; ++j) mine.sum += __expf(held[j] - mine.value);
    mine = warp_joined(mine);
    if (lane == 0) warps[threadIdx.x / 32] = mine;
    __syncthreads();
    if (threadIdx.x == 0)
    {
#pragma unroll
        for (int w = 1; w < THREADS / 32; ++w) mine = joined(mine, warps[w]);
        p.partial[(i64)row * p.slices + blockIdx.x] = mine;
        __threadfence();
        last = atomicAdd(p.tickets + row, 1) == p.slices - 1;
    }
    __syncthreads();
    if (!last || threadIdx.x >= 32) return;
    __threadfence();
    mine = {NEG_INF, NO_TOKEN, 0.f};
    for (int s = lane; s < p.slices; s += 32)
    {
        const volatile Scan& other = p.partial[(i64)row * p.slices + s];
        mine = joined(mine, {other.value, other.id, other.sum});
    }
    mine = warp_joined(mine);
    if (lane != 0) return;
    mine.sum = logf(mine.sum);
    p.scans[row] = mine;
    p.tickets[row] = 0;
    if (!p.rows[row].plain) return;
    p.sampled[p.rows[row].slot] = mine.id;
    p.header->results[row] = {mine.id, p.rows[row].topLogprobs < 0 ? 0.f : logprob(mine.value, mine)};
    p.header->topCounts[row] = 0;
}
