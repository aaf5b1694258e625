// What nvcc and NVRTC define by themselves, for a plain clang: enough to compile the kernels to PTX without any CUDA install.
#pragma once
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __host__ __attribute__((host))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define __grid_constant__
#define __align__(n) __attribute__((aligned(n)))
#include <__clang_cuda_builtin_vars.h>

struct float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct int2 { int x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
__device__ inline float2 make_float2(float x, float y) { return {x, y}; }
__device__ inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
__device__ inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

__device__ inline float __uint_as_float(unsigned v) { return __builtin_bit_cast(float, v); }
__device__ inline unsigned __float_as_uint(float v) { return __builtin_bit_cast(unsigned, v); }
__device__ inline void __syncwarp(unsigned mask = 0xffffffffu) { __nvvm_bar_warp_sync(mask); }
__device__ inline int __shfl_xor_sync(unsigned mask, int v, int lane) { return __nvvm_shfl_sync_bfly_i32(mask, v, lane, 0x1f); }
__device__ inline unsigned __shfl_xor_sync(unsigned mask, unsigned v, int lane) { return (unsigned)__nvvm_shfl_sync_bfly_i32(mask, (int)v, lane, 0x1f); }
__device__ inline float __shfl_xor_sync(unsigned mask, float v, int lane) { return __nvvm_shfl_sync_bfly_f32(mask, v, lane, 0x1f); }
__device__ inline unsigned long long __cvta_generic_to_shared(const void* p) { return (unsigned long long)(__attribute__((address_space(3))) const void*)p; }

__device__ inline int min(int a, int b) { return a < b ? a : b; }
__device__ inline int max(int a, int b) { return a > b ? a : b; }
__device__ inline float fmaxf(float a, float b) { return __builtin_fmaxf(a, b); }
__device__ inline float fminf(float a, float b) { return __builtin_fminf(a, b); }
__device__ inline float rsqrtf(float v) { return __nvvm_rsqrt_approx_f(v); }
__device__ inline float exp2f(float v) { return __nvvm_ex2_approx_f(v); }
__device__ inline float log2f(float v) { return __nvvm_lg2_approx_f(v); }
__device__ inline float __expf(float v) { return __nvvm_ex2_approx_f(v * 1.4426950408889634f); }
__device__ inline float erff(float v)     // formula 7.1.26 of Abramowitz and Stegun: clang has no device library here
{
    const float z = __builtin_fabsf(v), t = 1.f / (1.f + 0.3275911f * z);
    const float p = ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t;
    return __builtin_copysignf(1.f - p * __expf(-z * z), v);
}
__device__ inline float logf(float v) { return __nvvm_lg2_approx_f(v) * 0.6931471805599453f; }
__device__ inline float __fdiv_rn(float a, float b) { return __nvvm_div_rn_f(a, b); }
__device__ inline float __fmul_rn(float a, float b) { return __nvvm_mul_rn_f(a, b); }
__device__ inline float __fsub_rn(float a, float b) { return __nvvm_add_rn_f(a, -b); }
__device__ inline float __fmaf_rn(float a, float b, float c) { return __nvvm_fma_rn_f(a, b, c); }
__device__ inline int __shfl_sync(unsigned mask, int v, int lane) { return __nvvm_shfl_sync_idx_i32(mask, v, lane, 0x1f); }
__device__ inline float __shfl_sync(unsigned mask, float v, int lane) { return __nvvm_shfl_sync_idx_f32(mask, v, lane, 0x1f); }
__device__ inline double __shfl_xor_sync(unsigned mask, double v, int lane)
{
    const int2 words = __builtin_bit_cast(int2, v);
    return __builtin_bit_cast(double, int2{__shfl_xor_sync(mask, words.x, lane), __shfl_xor_sync(mask, words.y, lane)});
}
__device__ inline unsigned __ballot_sync(unsigned mask, int predicate) { return __nvvm_vote_ballot_sync(mask, predicate); }
__device__ inline int __popc(unsigned v) { return __builtin_popcount(v); }
__device__ inline void __threadfence() { __nvvm_membar_gl(); }
__device__ inline int atomicAdd(int* p, int v) { return __atomic_fetch_add(p, v, __ATOMIC_RELAXED); }
__device__ inline unsigned long long atomicAdd(unsigned long long* p, unsigned long long v) { return __atomic_fetch_add(p, v, __ATOMIC_RELAXED); }
__device__ inline int atomicExch(int* p, int v) { return __atomic_exchange_n(p, v, __ATOMIC_RELAXED); }
__device__ inline unsigned long long min(unsigned long long a, unsigned long long b) { return a < b ? a : b; }
__device__ inline unsigned long long max(unsigned long long a, unsigned long long b) { return a > b ? a : b; }
