// One block over one row of weights: the cuts of top-k, top-p and min-p, and the draw.
#pragma once
#include "Likeliest.cuh"

constexpr int BINS = 2048;
constexpr float FIXED = 1099511627776.f;        // 2^40: masses are added as integers, so that no order of adding shows

// e^x for x <= 0: the host's, operation by operation (Models/Lanes.cs).
__device__ __forceinline__ float exponential(float x)
{
    if (!(x >= -87.3f)) return 0.f;
    const float shifted = __fmaf_rn(x, 1.44269504f, 12582912.f), n = __fsub_rn(shifted, 12582912.f);
    const float r = __fmaf_rn(n, 2.12194440e-4f, __fmaf_rn(n, -0.693359375f, x));
    float e = 1.f / 5040;
    e = __fmaf_rn(e, r, 1.f / 720);
    e = __fmaf_rn(e, r, 1.f / 120);
    e = __fmaf_rn(e, r, 1.f / 24);
    e = __fmaf_rn(e, r, 1.f / 6);
    e = __fmaf_rn(e, r, 0.5f);
    e = __fmaf_rn(e, r, 1.f);
    e = __fmaf_rn(e, r, 1.f);
    return __fmul_rn(e, __uint_as_float((__float_as_uint(shifted) << 23) + (127u << 23)));
}

// Philox4x32-10 (Salmon and others, SC 2011): the uniform number in [0, 1) of a position.
__device__ __forceinline__ double uniform(u64 seed, u32 position)
{
    u32 x0 = position, x1 = 0, x2 = 0, x3 = 0, k0 = (u32)seed, k1 = (u32)(seed >> 32);
#pragma unroll
    for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u)
    {
        const u64 a = (u64)0xD2511F53u * x0, b = (u64)0xCD9E8D57u * x2;
        x0 = (u32)(b >> 32) ^ x1 ^ k0;
        x1 = (u32)b;
        x2 = (u32)(a >> 32) ^ x3 ^ k1;
        x3 = (u32)a;
    }
    return (double)(((u64)x1 << 32 | x0) >> 11) * (1.0 / 9007199254740992.0);
}

// The weights that stay: those above `weight`, and of the ones equal to it the first `ties` by id.
struct Cut { u32 weight; int ties; };

__device__ __forceinline__ Cut tighter(Cut a, Cut b) { return a.weight > b.weight || (a.weight == b.weight && a.ties < b.ties) ? a : b; }

// Of descend, one for both its forms: together they would not fit.
__shared__ int counts[BINS];
__shared__ u64 masses[BINS];
__shared__ int groupCounts[32];
__shared__ u64 groupMasses[32];
struct Walk { u32 prefix; int above, found; u64 mass; };
__shared__ Walk walk;

// Walks down the order of weights until `count` of them, or their `mass` in 2^-40, are met; `mass` becomes that of the kept.
template <bool BY_COUNT> __device__ __forceinline__ Cut descend(const float* x, int vocabulary, int count, u64& mass)
{
    if (threadIdx.x == 0)
    {
        walk.prefix = 0;
        walk.above = 0;
        walk.found = 1;
        walk.mass = 0;
    }
    constexpr int SHIFTS[4] = {30, 19, 9, 0};
#pragma unroll
    for (int level = 1; level < 4; ++level)
    {
        const int shift = SHIFTS[level], above = SHIFTS[level - 1];
        __syncthreads();
        for (int i = threadIdx.x; i < BINS; i += THREADS)
        {
            counts[i] = 0;
            masses[i] = 0;
        }
        __syncthreads();
        const u32 prefix = walk.prefix;
        for (int id = threadIdx.x; id < vocabulary; id += THREADS)
        {
            const u32 bits = __float_as_uint(x[id]);
            if (!bits || bits >> above != prefix) continue;
            const int bin = (bits >> shift) & ((1 << (above - shift)) - 1);
            atomicAdd(counts + bin, 1);
            atomicAdd(masses + bin, (u64)(x[id] * FIXED));
        }
        __syncthreads();
        if (threadIdx.x < 32)
        {
            int c = 0;
            u64 m = 0;
            for (int i = 0; i < BINS / 32; ++i)
            {
                c += counts[threadIdx.x * (BINS / 32) + i];
                m += masses[threadIdx.x * (BINS / 32) + i];
            }
            groupCounts[threadIdx.x] = c;
            groupMasses[threadIdx.x] = m;
        }
        __syncthreads();
        if (threadIdx.x == 0)
        {
            auto reached = [&](int c, u64 m) { return c && (BY_COUNT ? walk.above + c >= count : walk.mass + m >= mass); };
            int group = 31;
            for (; group > 0 && !reached(groupCounts[group], groupMasses[group]); --group)
            {
                walk.above += groupCounts[group];
                walk.mass += groupMasses[group];
            }
            int bin = group * (BINS / 32) + BINS / 32 - 1;
            for (; bin > group * (BINS / 32) && !reached(counts[bin], masses[bin]); --bin)
            {
                walk.above += counts[bin];
                walk.mass += masses[bin];
            }
            walk.found &= reached(counts[bin], masses[bin]);
            walk.prefix = walk.prefix << (above - shift) | (u32)bin;
        }
    }
    __syncthreads();
    const u64 one = (u64)(__uint_as_float(walk.prefix) * FIXED);
    const int tied = counts[walk.prefix & 511];
    const u64 missing = BY_COUNT ? 0 : (mass - walk.mass + one - 1) / max(one, (u64)1);
    Cut cut = {walk.prefix, BY_COUNT ? count - walk.above : (int)min(max(missing, (u64)1), (u64)tied)};
    mass = walk.mass + cut.ties * one;
    if (!walk.found) cut = {0u, NO_TOKEN};
    __syncthreads();
    return cut;
}

__device__ __forceinline__ u64 block_mass(const float* x, int vocabulary)
{
    __shared__ u64 total;
    __syncthreads();
    if (threadIdx.x == 0) total = 0;
    __syncthreads();
    u64 mine = 0;
    for (int id = threadIdx.x; id < vocabulary; id += THREADS) mine += (u64)(x[id] * FIXED);
    atomicAdd(&total, mine);
    __syncthreads();
    return total;
}

__device__ __forceinline__ Cut cut_of(const float* x, int vocabulary, const SampleRow& r)
{
    Cut cut = {0u, NO_TOKEN};
    const bool limited = r.topK > 0 && r.topK < vocabulary;
    u64 mass = 0;
    if (limited) cut = descend<true>(x, vocabulary, r.topK, mass);
    if (r.topP < 1.f)
    {
        if (!limited || cut.weight == 0) mass = block_mass(x, vocabulary);
        u64 target = (u64)((double)mass * (double)r.topP);
        if (target == 0) target = 1;
        cut = tighter(cut, descend<false>(x, vocabulary, 0, target));
    }
    if (r.minP > 0.f) cut = tighter(cut, {__float_as_uint(fminf(r.minP, 1.f)), NO_TOKEN});
    return cut;
}

__device__ __forceinline__ double warp_total(double v)
{
#pragma unroll
    for (int step = 16; step; step >>= 1) v += __shfl_xor_sync(ALL_LANES, v, step);
    return v;
}

// The token at which the kept weights, summed by id, pass this share of their total. Every warp owns a run of ids.
__device__ __forceinline__ int draw(float* x, int vocabulary, Cut cut, double share, int best)
{
    __shared__ int tied[WARPS];
    __shared__ double sums[WARPS];
    __shared__ int chosen;
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    const int run = (vocabulary + THREADS - 1) / THREADS * 32, begin = warp * run, end = min(vocabulary, begin + run);
    int ties = 0;
    for (int first = begin; first < end; first += 32)
        ties += __popc(__ballot_sync(ALL_LANES, first + lane < end && __float_as_uint(x[min(first + lane, vocabulary - 1)]) == cut.weight));
    if (lane == 0) tied[warp] = ties;
    __syncthreads();
    int before = 0;
    for (int w = 0; w < warp; ++w) before += tied[w];
    double sum = 0;
    for (int first = begin; first < end; first += 32)
    {
        const int id = first + lane;
        const float w = id < end ? x[id] : 0.f;
        const u32 bits = __float_as_uint(w), equals = __ballot_sync(ALL_LANES, id < end && bits == cut.weight);
        const bool kept = bits > cut.weight || (bits == cut.weight && before + __popc(equals & ((1u << lane) - 1)) < cut.ties);
        before += __popc(equals);
        if (id < end && !kept) x[id] = 0.f;
        if (kept) sum += w;
    }
    sum = warp_total(sum);
    if (lane == 0) sums[warp] = sum;
    if (threadIdx.x == 0) chosen = best;        // stands when rounding leaves the target just past the last weight
    __syncthreads();
    double total = 0;
    for (int w = 0; w < WARPS; ++w) total += sums[w];
    const double target = share * total;
    double passed = 0;
    int owner = 0;
    for (; owner < WARPS - 1 && passed + sums[owner] <= target; ++owner) passed += sums[owner];
    if (warp == owner)
    {
        bool found = false;
        for (int first = begin; first < end && !found; first += 32)
        {
            const float w = first + lane < end ? x[first + lane] : 0.f;
            for (int j = 0; j < 32; ++j)
            {
                const float one = __shfl_sync(ALL_LANES, w, j);
                if (one == 0.f) continue;
                if (lane == 0) chosen = first + j;
                if ((passed += one) > target)
                {
                    found = true;
                    break;
                }
            }
        }
    }
    __syncthreads();
    return chosen;
}
