// The feeding warp of DecodeStep.cu: brings the block's share of every weight of the launch into the ring, in the order of the products.
// It waits for free stages only, never for results: while blocks meet or attend, the next weights already flow.
#pragma once
#include "DecodeStep.cuh"

__device__ __forceinline__ void copy_row(u32 to, const void* from, u32 bytes, u32 barrier, u64 policy)
{
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint [%0], [%1], %2, [%3], %4;"
                 ::"r"(to), "l"(from), "r"(bytes), "r"(barrier), "l"(policy) : "memory");
}

__device__ __forceinline__ void feed_weights(const DecodeStepParams& p, Ring ring)
{
    const int lane = threadIdx.x % 32;
    u64 policy;
    asm volatile("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(policy));
    int turn = 0;
    for (int step = 0; step <= 4 * p.layerCount; ++step)
    {
        const StepMatrix m = matrix_of(p, step);
        const int tiles = m.tiles();
        for (int tile = first_tile(turn); tile < tiles; tile += gridDim.x)
        {
            // rows past the edge repeat the last one; their results are not written
            const int low = min(tile * m.owned() + (m.gated ? lane % 8 : lane % TILE), m.n - 1);
            const bf16* row = m.w + (i64)(m.gated && lane % TILE >= 8 ? m.n + low : low) * m.k;
            for (int k = 0; k < m.k; k += STAGE_K, ring.advance())
            {
                const u32 bytes = min(STAGE_K, m.k - k) * 2, full = ring.full + ring.slot * 8;
                barrier_wait(ring.empty + ring.slot * 8, ring.parity ^ 1);
                if (lane == 0) barrier_expect(full, bytes * TILE);
                __syncwarp();
                if (lane < TILE) copy_row(ring.stages + ring.slot * STAGE_BYTES + lane * PITCH, row + k, bytes, full, policy);
            }
        }
        turn = next_turn(turn, tiles);
    }
}
