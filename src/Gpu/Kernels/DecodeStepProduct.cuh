// One product of DecodeStep.cu: Y = norm(X) W^T (+ bias) (+ residual), gated or not, for the block's share of the rows of W.
// The consuming warps multiply their shares of k (k is permuted within 32 as in SkinnyGemm.cu) and add up through shared memory in a fixed order.
#pragma once
#include "DecodeStepInputs.cuh"

constexpr int SUM_PITCH = TILE + 4, SUM_FLOATS = WARPS * ROWS * SUM_PITCH;

__device__ __forceinline__ uint4 load_stage(u32 at)
{
    uint4 v;
    asm volatile("ld.shared.v4.u32 {%0,%1,%2,%3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "r"(at) : "memory");
    return v;
}

__device__ __forceinline__ void finish_tile(const StepProduct& product, int rows, int tile, const float* sums)
{
    const int owned = product.m.owned(), row = (int)threadIdx.x / owned, column = threadIdx.x % owned, output = tile * owned + column;
    if (row >= rows || output >= product.m.n) return;
    float total = 0.f, gate = 0.f;
#pragma unroll
    for (int w = 0; w < WARPS; ++w)
    {
        gate += sums[(w * ROWS + row) * SUM_PITCH + column];
        total += sums[(w * ROWS + row) * SUM_PITCH + (product.m.gated ? column + 8 : column)];
    }
    if (product.m.gated) total *= gate / (1.f + __expf(-gate));
    if (product.bias) total += widen(product.bias[output]);
    const i64 at = (i64)row * product.m.n + output;
    if (product.residual) total += load_value(product.residual + at);
    if (product.wide) ((float*)product.y)[at] = total;
    else ((bf16*)product.y)[at] = narrow(total);
}

// scratch: WARPS * ROWS floats, then two rounds of sums.
__device__ __forceinline__ void multiply(const StepProduct& product, Ring& ring, int turn, int rows, float epsilon, float* scratch)
{
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, group = lane / 4, quad = lane % 4;
    const int tiles = product.m.tiles(), passes = (product.m.k + PASS_K - 1) / PASS_K;
    float* sums = scratch + WARPS * ROWS;
    Inputs inputs;
    int held = -1;          // the pass that is loaded
    bool ready = false;     // and normalised, if it must be
    float scale = 0.f;
    if (product.norm)
    {
        scale = norm_scale(product, inputs, epsilon, scratch);
        held = passes - 1;
    }
    for (int tile = first_tile(turn), round = 0; tile < tiles; tile += gridDim.x, round ^= 1)
    {
        float d[2][4] = {};
        for (int pass = 0; pass < passes; ++pass)
        {
            if (held != pass)
            {
                inputs.load(product, pass);
                held = pass;
                ready = false;
            }
            if (!ready && product.norm) inputs.normalise(product, pass, scale);
            ready = true;
#pragma unroll
            for (int s = 0; s < PASS_STAGES; ++s)
            {
                if (pass * PASS_K + s * STAGE_K >= product.m.k) break;
                barrier_wait(ring.full + ring.slot * 8, ring.parity);
                const u32 at = ring.stages + ring.slot * STAGE_BYTES + group * PITCH + warp * PIECES * 64 + quad * 16;
#pragma unroll
                for (int i = 0; i < PIECES; ++i)
                {
                    if (Inputs::begin(pass, s, i) >= product.m.k) break;
                    const uint4 a = load_stage(at + i * 64), b = load_stage(at + 8 * PITCH + i * 64);
                    const u32 even[4] = {a.x, b.x, a.y, b.y}, odd[4] = {a.z, b.z, a.w, b.w};
                    mma(d[0], even, inputs.x[s][i].x, inputs.x[s][i].y);
                    mma(d[1], odd, inputs.x[s][i].z, inputs.x[s][i].w);
                }
                __syncwarp();
                if (lane == 0) barrier_arrive(ring.empty + ring.slot * 8);
                ring.advance();
            }
        }
        float* own = sums + round * SUM_FLOATS;
#pragma unroll
        for (int i = 0; i < 4; ++i)
        {
            const int row = quad * 2 + (i & 1);
            if (row < rows) own[(warp * ROWS + row) * SUM_PITCH + group + (i >> 1) * 8] = d[0][i] + d[1][i];
        }
        sync_consumers();       // the other round's sums were read before it
        finish_tile(product, rows, tile, own);
    }
}
