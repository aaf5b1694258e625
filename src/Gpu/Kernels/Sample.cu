// Draws the next token of rows that are not plain, in the order of SamplingParams: biases and end-token mask, penalties, the grammar's mask, temperature,
// top-k, top-p, min-p, one draw with Philox(seed, position). No sort: each cut is found by a descent through histograms of the weights' bits.
//   logits : (rows, vocabulary) f32, kept      weights, seen : (rows, vocabulary) scratch, seen all zero between launches
//   One block a row. Weights are the host sampler's to the bit; their sums differ from it in the order of adding only.
//   Bound: latency, about ten passes over a row in L2.   CPU twin: Models/Sampling/Sampler.cs
#include "Select.cuh"

struct SampleParams
{
    const float* logits;
    const SampleRow* rows;
    const StepHeader* header;
    const Scan* scans;
    const int* lists;
    int* sampled;
    float* weights;
    int* seen;                  // its count in the output, and IN_PROMPT
    int vocabulary;
};

constexpr int IN_PROMPT = 0x40000000;       // above any count

__device__ __forceinline__ bool allowed(const SampleParams& p, const SampleRow& r, int id)
{
    return !r.allowed || ((u32)p.lists[r.allowed + (id >> 5)] >> (id & 31) & 1u);
}

__device__ __forceinline__ void edit(const SampleParams& p, const SampleRow& r, float* x, int* seen)
{
    if (threadIdx.x == 0)       // in their order: a token may have several
        for (int i = 0; i < r.biasCount; ++i)
        {
            const int id = p.lists[r.biases + 2 * i];
            if ((u32)id < (u32)p.vocabulary) x[id] = cleaned(x[id] + __uint_as_float((u32)p.lists[r.biases + 2 * i + 1]));
        }
    __syncthreads();
    for (int i = threadIdx.x; i < r.bannedCount; i += THREADS)
        if ((u32)p.lists[r.banned + i] < (u32)p.vocabulary) x[p.lists[r.banned + i]] = NEG_INF;
    __syncthreads();
    const int count = r.tokenCount + r.feedback;
    auto token = [&](int i) { return i < r.tokenCount ? p.lists[r.tokens + i] : p.sampled[r.slot]; };
    for (int i = threadIdx.x; i < min(count, r.outputStart); i += THREADS)
        if ((u32)token(i) < (u32)p.vocabulary) seen[token(i)] = IN_PROMPT;
    __syncthreads();
    for (int i = r.outputStart + threadIdx.x; i < count; i += THREADS)
        if ((u32)token(i) < (u32)p.vocabulary) atomicAdd(seen + token(i), 1);
    __syncthreads();
    for (int i = threadIdx.x; i < count; i += THREADS)
    {
        const int id = token(i);
        if ((u32)id >= (u32)p.vocabulary) continue;
        const int was = atomicExch(seen + id, 0);       // one thread edits each token
        if (!was) continue;
        const int inOutput = was & (IN_PROMPT - 1);
        float logit = x[id];
        logit = logit > 0.f ? __fdiv_rn(logit, r.repetition) : __fmul_rn(logit, r.repetition);
        logit = __fsub_rn(logit, __fmul_rn(r.frequency, (float)inOutput));
        x[id] = cleaned(__fsub_rn(logit, inOutput ? r.presence : 0.f));
    }
    __syncthreads();
    if (!r.allowed) return;
    for (int id = threadIdx.x; id < p.vocabulary; id += THREADS)
        if (!allowed(p, r, id)) x[id] = NEG_INF;
    __syncthreads();
}

__device__ __forceinline__ bool forbidden(const SampleParams& p, const SampleRow& r, int id)
{
    if (!allowed(p, r, id)) return true;
    for (int i = 0; i < r.bannedCount; ++i) if (p.lists[r.banned + i] == id) return true;
    for (int i = 0; i < r.biasCount; ++i) if (p.lists[r.biases + 2 * i] == id && (u32)p.lists[r.biases + 2 * i + 1] == 0xff800000u) return true;
    return false;
}

extern "C" __global__ void __launch_bounds__(THREADS) sample(const __grid_constant__ SampleParams p)
{
    wait_for_predecessor();
    const SampleRow& r = p.rows[blockIdx.x];
    if (r.plain) return;
    const i64 at = (i64)blockIdx.x * p.vocabulary;
    const float* logits = p.logits + at;
    float* x = p.weights + at;
    const Scan scan = p.scans[blockIdx.x];
    const int topCount = likeliest(logits, p.vocabulary, r.topLogprobs, scan, p.header->tops + (i64)blockIdx.x * TOP_LIMIT);

    for (int id = threadIdx.x; id < p.vocabulary; id += THREADS) x[id] = cleaned(logits[id]);
    __syncthreads();
    edit(p, r, x, p.seen + at);
    Best best = {NEG_INF, NO_TOKEN};
    for (int id = threadIdx.x; id < p.vocabulary; id += THREADS)
        if (better(x[id], id, best.value, best.id)) best = {x[id], id};
    best = block_best(best);

    int chosen = best.id;
    if (best.value == NEG_INF)
    {
        Best lowest = {NEG_INF, NO_TOKEN};
        for (int id = threadIdx.x; id < p.vocabulary && lowest.id == NO_TOKEN; id += THREADS)
            if (!forbidden(p, r, id)) lowest = {0.f, id};
        lowest = block_best(lowest);
        if (lowest.value == NEG_INF && r.allowed)       // the mask is stronger than biases and banned ends
        {
            for (int id = threadIdx.x; id < p.vocabulary && lowest.id == NO_TOKEN; id += THREADS)
                if (allowed(p, r, id)) lowest = {0.f, id};
            lowest = block_best(lowest);
        }
        chosen = lowest.value == NEG_INF ? scan.id : lowest.id;
    }
    else if (r.temperature >= 1e-5f)
    {
        for (int id = threadIdx.x; id < p.vocabulary; id += THREADS) x[id] = exponential(__fdiv_rn(x[id] - best.value, r.temperature));
        __syncthreads();
        chosen = draw(x, p.vocabulary, cut_of(x, p.vocabulary, r), uniform(r.seed, (u32)r.position), best.id);
    }
    if (threadIdx.x != 0) return;
    p.sampled[r.slot] = chosen;
    p.header->results[blockIdx.x] = {chosen, r.topLogprobs < 0 ? 0.f : logprob(cleaned(logits[chosen]), scan)};
    p.header->topCounts[blockIdx.x] = topCount;
}
