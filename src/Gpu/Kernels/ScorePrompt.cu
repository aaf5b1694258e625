// How likely a prompt's tokens were: the logprob of the token after each of some positions, and the most likely tokens there.
//   logits : (rows, vocabulary) f32      records : (rows)      results and tops in the host's memory, from row `first` on      One block a row.
//   logprob(i) = logits[i] - max - log(sum of e^(logits - max)), never infinite
//   Bound: memory, 4 * rows * vocabulary bytes, and once more, from L2 at best, for each of the most likely tokens.   CPU twin: Cpu/ScoreRows.cs
#include "Likeliest.cuh"
#include "Probing.cuh"

struct ScoredRecord { int token, tops; };       // the prompt's next token, and how many of the most likely ones are asked for

struct ScoreParams
{
    const float* logits;
    const ScoredRecord* records;
    const ProbeHeader* header;
    int first, vocabulary;
};

extern "C" __global__ void __launch_bounds__(THREADS) score_prompt(const __grid_constant__ ScoreParams p)
{
    __shared__ Scan warps[WARPS];
    launch_dependents();
    wait_for_predecessor();
    const ScoredRecord record = p.records[blockIdx.x];
    const StepHeader to = p.header->scores;
    const i64 row = p.first + blockIdx.x;
    const float* logits = p.logits + (i64)blockIdx.x * p.vocabulary;
    Scan scan = {NEG_INF, NO_TOKEN, 0.f};
    for (int id = threadIdx.x; id < p.vocabulary; id += THREADS) scan = joined(scan, {cleaned(logits[id]), id, 1.f});
    scan = warp_joined(scan);
    if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = scan;
    __syncthreads();
    scan = warps[0];
#pragma unroll
    for (int w = 1; w < WARPS; ++w) scan = joined(scan, warps[w]);
    scan.sum = logf(scan.sum);
    const int count = likeliest(logits, p.vocabulary, record.tops, scan, to.tops + row * TOP_LIMIT);
    if (threadIdx.x != 0) return;
    to.results[row] = {record.token, logprob(cleaned(logits[record.token]), scan)};
    to.topCounts[row] = count;
}
