// QK-norm, RoPE and the write into the pages, in one pass over the fused projection:
//   q, k : optional RMSNorm over the head, then pair (i, i + R/2) turns by position * frequency[i];   k, v go to their page.
//   R is ROTARY_SIZE, the part of a head that turns: 0 where positions are learned; the rest of the head is paired up, too, and stays.
//   qkv : (tokens, (heads + 2 * kv_heads) * D) bf16, q is changed in place      turns : (positions, R/2) {cos, sin} f32
//   pages of a layer : [page][K, V][kv_head][token of the page][D] bf16
//   Bound: memory, about 6 * tokens * (heads + 2 * kv_heads) * D bytes.   One warp per head, one block per token.
//   CPU twins: Cpu/Rope.cs, Cpu/RmsNorm.cs
#include "TurnedHead.cuh"

constexpr int D = HEAD_SIZE;
constexpr int R = ROTARY_SIZE;

struct RopeParams
{
    bf16* qkv;
    const float2* turns;
    const int* positions;       // (tokens) rows of turns
    const int* places;          // (tokens) page * 32 + token of the page
    bf16* pages;                // this layer's
    const bf16* queryNorm;      // (D) or null
    const bf16* keyNorm;
    int heads, kvHeads;
    float epsilon;
};

extern "C" __global__ void __launch_bounds__(256) rope_and_pages(const __grid_constant__ RopeParams p)
{
    launch_dependents();
    wait_for_predecessor();
    const int lane = threadIdx.x & 31;
    const int all = p.heads + 2 * p.kvHeads;
    const i64 token = blockIdx.x;
    const float2* turns = p.turns + (i64)p.positions[token] * (R / 2);
    const int place = p.places[token];
    bf16* page = p.pages + (i64)(place / PAGE) * (2 * p.kvHeads * PAGE * D);
    for (int head = threadIdx.x >> 5; head < all; head += 8)
    {
        bf16* at = p.qkv + (token * all + head) * D;
        TurnedHead<D, R> h;
        h.load(at, lane);
        const bool query = head < p.heads, value = head >= p.heads + p.kvHeads;
        if (!value)
        {
            const bf16* norm = query ? p.queryNorm : p.keyNorm;
            if (norm) h.normalise(norm, p.epsilon, lane);
            h.turn(turns, lane);
        }
        bf16* to = query ? at : page + ((i64)(head - p.heads) * PAGE + place % PAGE) * D;    // K heads, then V heads
        h.store(to, lane);
    }
}
