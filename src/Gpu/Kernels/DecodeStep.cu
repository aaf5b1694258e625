// A whole decode step of a few rows in one launch: embedding, all layers, head. One block a processor, all resident (a cooperative launch).
//   logits : (rows, vocabulary) f32; the new keys and values go into their pages.   Shapes: DecodeStep.cuh.   rows <= 8, head size 64 or 128.
//   In each block a warp feeds the weights through a ring of shared memory (DecodeStepWeights.cuh) while eight warps multiply (DecodeStepProduct.cuh)
//   and attend (DecodeStepAttention.cuh). The blocks meet five times a layer; the stream of weights does not stop for that.
//   Bound: memory, all weights once, 2 bytes each, and the pages of the rows.   Design: docs/design/0006-decode-step.md
//   CPU twins: Cpu/ForwardPass.cs and what it calls
#include "DecodeStepAttention.cuh"
#include "DecodeStepProduct.cuh"
#include "DecodeStepWeights.cuh"

// The input of row r before the first layer: in the embedding's table.
__device__ __forceinline__ const bf16* embedded(const DecodeStepParams& p, int row)
{
    const TokenSource source = p.sources[row];
    return p.table + (i64)(source.fromSlot ? p.sampled[source.value] : source.value) * p.hidden;
}

__device__ __forceinline__ StepProduct product_of(const DecodeStepParams& p, int step, int row)
{
    const StepMatrix m = matrix_of(p, step);
    const bf16* x = row < p.rows ? step == 0 ? embedded(p, row) : p.x + (i64)row * p.hidden : nullptr;
    if (step == 4 * p.layerCount) return {m, x, p.finalNorm, nullptr, nullptr, p.logits, true};
    const StepLayer& layer = p.layers[step / 4];
    switch (step % 4)
    {
    case 0: return {m, x, layer.inputNorm, layer.qkvBias, nullptr, p.qkv, false};
    case 1: return {m, row < p.rows ? p.attended + (i64)row * m.k : nullptr, nullptr, layer.outputBias, p.x, p.x, false};
    case 2: return {m, x, layer.postNorm, nullptr, nullptr, p.gated, false};
    default: return {m, row < p.rows ? p.gated + (i64)row * m.k : nullptr, nullptr, nullptr, p.x, p.x, false};
    }
}

// Has the norms that come next in L2 when they are needed.
__device__ __forceinline__ void prefetch_norms(const DecodeStepParams& p, int layer)
{
    const int at = ((int)(blockIdx.x * CONSUMERS) + (int)threadIdx.x) * 64;
    if (at >= p.hidden) return;
    auto prefetch = [&](const bf16* norm) { asm volatile("prefetch.global.L2 [%0];" ::"l"(norm + at)); };
    prefetch(p.layers[layer].postNorm);
    if (layer + 1 < p.layerCount) prefetch(p.layers[layer + 1].inputNorm);
    else prefetch(p.finalNorm);
}

extern "C" __global__ void __launch_bounds__(CONSUMERS + FEEDERS, 1) decode_step(const __grid_constant__ DecodeStepParams p)
{
    extern __shared__ __align__(128) unsigned char shared[];
    const u32 stages = shared_address(shared), full = stages + STAGES * STAGE_BYTES, empty = full + STAGES * 8;
    unsigned char* scratch = shared + STAGES * STAGE_BYTES + BARRIER_BYTES;
    if (threadIdx.x == 0)
    {
        for (int i = 0; i < STAGES; ++i)
        {
            barrier_init(full + i * 8, 1);
            barrier_init(empty + i * 8, WARPS);
        }
        publish_to_async();
    }
    __syncthreads();
    Ring ring = {stages, full, empty};
    if (threadIdx.x >= CONSUMERS)
    {
        give_registers<40>();
        if (threadIdx.x < CONSUMERS + 32) feed_weights(p, ring);
        return;
    }
    take_registers<232>();

    for (int row = blockIdx.x; row < p.rows; row += gridDim.x)      // read as a residual two meetings later
        for (int i = threadIdx.x; i < p.hidden / 8; i += CONSUMERS) ((uint4*)(p.x + (i64)row * p.hidden))[i] = ((const uint4*)embedded(p, row))[i];
    GridBarrier blocks = {p.counters};
    int turn = 0;
    for (int step = 0;; ++step)
    {
        if (step % 4 == 0 && step < 4 * p.layerCount) prefetch_norms(p, step / 4);
        const StepProduct product = product_of(p, step, threadIdx.x % 32 / 4);
        multiply(product, ring, turn, p.rows, p.epsilon, (float*)scratch);
        if (step == 4 * p.layerCount) break;
        turn = next_turn(turn, product.m.tiles());
        blocks.meet();
        if (step % 4 != 0) continue;
        attend_all(p, p.layers[step / 4], scratch);
        blocks.meet();
    }
    if (threadIdx.x == 0 && atomicAdd((int*)p.counters + 1, 1) == (int)gridDim.x - 1)       // nobody waits any more
    {
        p.counters[0] = 0;
        p.counters[1] = 0;
    }
}
