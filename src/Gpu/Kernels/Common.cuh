// Types and small functions of all kernels. NVRTC knows no <stdint.h> and no <cuda_bf16.h>; this is what they would give.
#pragma once

using u16 = unsigned short;
using u32 = unsigned int;
using i64 = long long;
using u64 = unsigned long long;

constexpr int PAGE = 32;          // tokens of a KV page
constexpr u32 ALL_LANES = 0xffffffffu;
constexpr float LOG2E = 1.4426950408889634f;
#define NEG_INF __uint_as_float(0xff800000u)

struct bf16 { u16 bits; };
struct alignas(16) bf16x8 { u32 pair[4]; };     // eight values, two to a word, low half first

__device__ __forceinline__ float widen(bf16 v) { return __uint_as_float((u32)v.bits << 16); }
__device__ __forceinline__ float2 widen2(u32 pair) { return make_float2(__uint_as_float(pair << 16), __uint_as_float(pair & 0xffff0000u)); }

// The lines between DEVICE_ONLY and its end are PTX: tests/kernels/host_shim.h says the same for the CPU.
#ifdef __CUDA_ARCH__
#define DEVICE_ONLY 1
#endif

#ifdef DEVICE_ONLY
// Round to nearest even; the first argument is the low half.
__device__ __forceinline__ u32 narrow2(float low, float high)
{
    u32 pair;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
    return pair;
}
#endif
__device__ __forceinline__ bf16 narrow(float v) { return { (u16)narrow2(v, 0.f) }; }

__device__ __forceinline__ float warp_sum(float v)
{
#pragma unroll
    for (int step = 16; step; step >>= 1) v += __shfl_xor_sync(ALL_LANES, v, step);
    return v;
}

// Sum over a block of THREADS; every thread gets it. `scratch` holds THREADS / 32 floats.
template <int THREADS> __device__ __forceinline__ float block_sum(float v, float* scratch)
{
    v = warp_sum(v);
    if ((threadIdx.x & 31) == 0) scratch[threadIdx.x >> 5] = v;
    __syncthreads();
    float total = 0.f;
#pragma unroll
    for (int warp = 0; warp < THREADS / 32; ++warp) total += scratch[warp];
    return total;
}

#ifdef DEVICE_ONLY
// 2^v in one instruction; denormal results are 0.
__device__ __forceinline__ float power2(float v)
{
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(v));
    return y;
}

__device__ __forceinline__ float reciprocal(float v)
{
    float y;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(v));
    return y;
}

#endif

// Scores under a soft cap c (Gemma 2): c tanh(s / c), where `slope` turns a product of query and key into 2 log2(e) s / c.
struct ScoreCap { float cap, slope; };
__device__ __forceinline__ float capped(float product, ScoreCap c) { return c.cap * (1.f - 2.f * reciprocal(1.f + power2(product * c.slope))); }

// Lets the next kernel of the stream start its prologue once all blocks of this one run, and waits for the one before to be complete. A kernel
// says the first before it waits: then the next matrix product's blocks already fetch their weights while small kernels still work.
// Cards before Hopper have no such thing; kernels run one after the other there.
__device__ __forceinline__ void launch_dependents()
{
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.launch_dependents;");
#endif
}
__device__ __forceinline__ void wait_for_predecessor()
{
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}
