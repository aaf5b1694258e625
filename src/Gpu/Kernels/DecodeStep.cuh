// What the parts of DecodeStep.cu share: its parameters, the products in their order, the ring that weights pass through, the meetings of all blocks.
#pragma once
#include "Hopper.cuh"

constexpr int D = HEAD_SIZE;
constexpr int ROWS = 8, WARPS = 8, CONSUMERS = WARPS * 32;
constexpr int FEEDERS = 128;        // one warp of them feeds the ring: registers are given and taken by warpgroups
constexpr int TILE = 16, STAGE_K = 512, STAGES = 12;                    // rows of W, and how much of each, in a stage of the ring
constexpr int PITCH = STAGE_K * 2 + 64, STAGE_BYTES = TILE * PITCH;     // 64 more: reads of two rows then meet each bank once
constexpr int BARRIER_BYTES = STAGES * 16;                              // behind the ring; then the consumers' scratch

struct TokenSource { int fromSlot; int value; };        // fromSlot ? sampled[value] : value
struct DecodeRow { int row, position, firstPage; };     // as in DecodeAttention.cu

struct StepLayer
{
    const bf16 *inputNorm, *qkv, *qkvBias, *queryNorm, *keyNorm, *output, *outputBias, *postNorm, *gateUp, *down;     // absent ones are null
    bf16* pages;
    i64 window;         // 0 for none
};

struct DecodeStepParams
{
    const StepLayer* layers;
    const bf16* table;              // (vocabulary, hidden)
    const TokenSource* sources;     // (rows)
    const int* sampled;
    const DecodeRow* places;        // (rows)
    const int* pageTables;
    const float2* turns;            // (positions, D / 2)
    const int* turnRows;            // (rows) of turns
    const bf16* finalNorm;
    const bf16* head;               // (vocabulary, hidden)
    bf16 *x, *qkv, *attended, *gated;       // (rows, ..) between the products
    float* logits;                  // (rows, vocabulary)
    float *partial, *logSum;        // (rows, heads, splits, D), (rows, heads, splits): base 2
    u32* counters;                  // meetings, blocks that are done, (rows, kvHeads) tickets: zero between launches
    int rows, layerCount, hidden, heads, kvHeads, intermediate, vocabulary, splitKeys, splits;
    float epsilon, scale;           // scale: log2(e) / sqrt(D)
};

struct StepMatrix
{
    const bf16* w;      // (n, k); gated: n rows of the gate, then n of up
    int n, k;
    bool gated;
    __device__ __forceinline__ int owned() const { return gated ? TILE / 2 : TILE; }
    __device__ __forceinline__ int tiles() const { return (n + owned() - 1) / owned(); }
};

// Product `step` of the launch: qkv, output, gate and up, down of each layer, then the head.
__device__ __forceinline__ StepMatrix matrix_of(const DecodeStepParams& p, int step)
{
    if (step == 4 * p.layerCount) return {p.head, p.vocabulary, p.hidden, false};
    const StepLayer& layer = p.layers[step / 4];
    const int query = p.heads * D;
    switch (step % 4)
    {
    case 0: return {layer.qkv, query + 2 * p.kvHeads * D, p.hidden, false};
    case 1: return {layer.output, p.hidden, query, false};
    case 2: return {layer.gateUp, p.intermediate, p.hidden, true};
    default: return {layer.down, p.hidden, p.intermediate, false};
    }
}

// A block's first tile of a product: tiles go round the blocks, and each product begins where the one before it ended.
__device__ __forceinline__ int first_tile(int turn) { return (int)((blockIdx.x + gridDim.x - turn) % gridDim.x); }
__device__ __forceinline__ int next_turn(int turn, int tiles) { return (int)((turn + tiles) % gridDim.x); }

struct Ring
{
    u32 stages, full, empty;        // shared addresses
    int slot = 0;
    u32 parity = 0;
    __device__ __forceinline__ void advance()
    {
        if (++slot < STAGES) return;
        slot = 0;
        parity ^= 1;
    }
};

__device__ __forceinline__ void sync_consumers() { asm volatile("bar.sync 1, %0;" ::"n"(CONSUMERS) : "memory"); }

// Past L1, which does not see what other blocks write.
__device__ __forceinline__ uint4 load_shared_by_blocks(const bf16* at)
{
    uint4 v;
    asm volatile("ld.global.cg.v4.u32 {%0,%1,%2,%3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "l"(at) : "memory");
    return v;
}
__device__ __forceinline__ float load_value(const bf16* at)
{
    u16 bits;
    asm volatile("ld.global.cg.u16 %0, [%1];" : "=h"(bits) : "l"(at) : "memory");
    return widen({bits});
}
__device__ __forceinline__ float load_value(const float* at)
{
    float v;
    asm volatile("ld.global.cg.f32 %0, [%1];" : "=f"(v) : "l"(at) : "memory");
    return v;
}

// All blocks meet: what any of them wrote before is seen by all after. Called by the consumers.
struct GridBarrier
{
    u32* counter;
    u32 target = 0;
    __device__ __forceinline__ void meet()
    {
        target += gridDim.x;
        sync_consumers();
        if (threadIdx.x == 0)
        {
            __threadfence();
            asm volatile("red.relaxed.gpu.global.add.u32 [%0], 1;" ::"l"(counter) : "memory");
            u32 arrived, polls = 0;
            do
            {
                asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(arrived) : "l"(counter) : "memory");
                if (++polls > 1u << 24) asm volatile("trap;");      // over ten seconds: better a fault than a device that hangs
            } while (arrived < target);
        }
        sync_consumers();
    }
};
