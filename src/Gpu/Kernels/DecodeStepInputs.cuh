// A warp's share of the rows of X in DecodeStep.cu, in registers as the MMA's B: a lane holds 16 bytes of row lane / 4 in every piece of 32.
// The eight consuming warps share k, so each row is in the block once.
#pragma once
#include "DecodeStep.cuh"

constexpr int PASS_K = 4096, PASS_STAGES = PASS_K / STAGE_K;        // of X in registers at a time
constexpr int PIECES = STAGE_K / 32 / WARPS;                        // pieces of 32 that a warp takes of a stage

struct StepProduct
{
    StepMatrix m;
    const bf16* x;          // this lane's row, or null past the last
    const bf16* norm;       // RMSNorm's weight, or null for X as it is
    const bf16* bias;       // or null
    const bf16* residual;   // (rows, n), may be y; or null
    void* y;                // (rows, n) bf16, or f32
    bool wide;
};

struct Inputs
{
    uint4 x[PASS_STAGES][PIECES];

    // Where in k a piece begins, for the warp and for the lane.
    static __device__ __forceinline__ int begin(int pass, int stage, int piece) { return pass * PASS_K + stage * STAGE_K + ((int)threadIdx.x / 32 * PIECES + piece) * 32; }
    static __device__ __forceinline__ int at(int pass, int stage, int piece) { return begin(pass, stage, piece) + (int)threadIdx.x % 4 * 8; }

    __device__ __forceinline__ void load(const StepProduct& product, int pass)
    {
#pragma unroll
        for (int s = 0; s < PASS_STAGES; ++s)
#pragma unroll
            for (int i = 0; i < PIECES; ++i)
                x[s][i] = product.x && at(pass, s, i) < product.m.k ? load_shared_by_blocks(product.x + at(pass, s, i)) : make_uint4(0, 0, 0, 0);
    }

    __device__ __forceinline__ float squares() const
    {
        float sum = 0.f;
#pragma unroll
        for (int s = 0; s < PASS_STAGES; ++s)
#pragma unroll
            for (int i = 0; i < PIECES; ++i)
            {
                const float2 a = widen2(x[s][i].x), b = widen2(x[s][i].y), c = widen2(x[s][i].z), d = widen2(x[s][i].w);
                sum += a.x * a.x + a.y * a.y + b.x * b.x + b.y * b.y + c.x * c.x + c.y * c.y + d.x * d.x + d.y * d.y;
            }
        return sum;
    }

    __device__ __forceinline__ void normalise(const StepProduct& product, int pass, float scale)
    {
#pragma unroll
        for (int s = 0; s < PASS_STAGES; ++s)
#pragma unroll
            for (int i = 0; i < PIECES; ++i)
            {
                if (at(pass, s, i) >= product.m.k) continue;
                const uint4 w = *(const uint4*)(product.norm + at(pass, s, i));
                auto scaled = [&](u32 value, u32 weight) {
                    const float2 a = widen2(value), b = widen2(weight);
                    return narrow2(a.x * scale * b.x, a.y * scale * b.y);
                };
                x[s][i] = make_uint4(scaled(x[s][i].x, w.x), scaled(x[s][i].y, w.y), scaled(x[s][i].z, w.z), scaled(x[s][i].w, w.w));
            }
    }
};

// 1 / sqrt(mean square + epsilon) of this lane's row. The last pass stays loaded.
__device__ __forceinline__ float norm_scale(const StepProduct& product, Inputs& inputs, float epsilon, float* scratch)
{
    float sum = 0.f;
    for (int pass = 0; pass * PASS_K < product.m.k; ++pass)
    {
        inputs.load(product, pass);
        sum += inputs.squares();
    }
    sum += __shfl_xor_sync(ALL_LANES, sum, 1);
    sum += __shfl_xor_sync(ALL_LANES, sum, 2);
    const int row = threadIdx.x % 32 / 4;
    if (threadIdx.x % 4 == 0) scratch[threadIdx.x / 32 * ROWS + row] = sum;
    sync_consumers();
    float total = 0.f;
#pragma unroll
    for (int w = 0; w < WARPS; ++w) total += scratch[w * ROWS + row];
    return rsqrtf(total / product.m.k + epsilon);
}
