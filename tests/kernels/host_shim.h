// Runs the CUDA kernels on the CPU: what nvcc gives a kernel, for a plain clang++ and x86-64 or any other machine with ucontext.
// Every thread of a block is a fibre. A warp's collectives and the block's barrier are meeting points; between two of them the fibres run in
// an order drawn from a seed, so a missing barrier shows in some order. Copies by cp.async happen when they are issued or when they are
// waited for, by the seed: both are legal. Fragments of mma.sync and ldmatrix are laid out as the PTX manual says (m16n8k16, m8n8.x4).
#pragma once
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <vector>

#define __device__
#define __global__
#define __host__
#define __forceinline__ inline
#define __shared__ thread_local      // one OS thread runs all fibres of a block
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(n) __attribute__((aligned(n)))

struct float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct int2 { int x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct uint3 { unsigned x, y, z; };
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

constexpr int SHARED_BYTES = 228 * 1024;
extern "C" { thread_local __attribute__((aligned(1024))) unsigned char shared[SHARED_BYTES]; }      // a kernel's dynamic shared memory

namespace emulated
{
constexpr int LANES = 32, STACK_BYTES = 64 * 1024, IDLE_PASSES = 200;

// SplitMix64; <random> and <algorithm> would take longer to compile than the kernels.
struct Random
{
    uint64_t state;
    unsigned next(unsigned below)
    {
        uint64_t x = state += 0x9e3779b97f4a7c15;
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
        x = (x ^ x >> 27) * 0x94d049bb133111eb;
        return (unsigned)((x ^ x >> 31) % below);
    }
    void shuffle(std::vector<int>& values)
    {
        for (unsigned i = (unsigned)values.size(); i > 1; --i) std::swap(values[i - 1], values[next(i)]);
    }
};

struct Copy { unsigned to; const void* from; bool valid; };

struct Fibre
{
    ucontext_t context;
    char* stack;
    uint3 thread;
    bool done;
    std::vector<std::vector<Copy>> groups;      // committed copies, oldest first; the last is open
};

struct Stacks
{
    char* const memory;
    explicit Stacks(int count) : memory((char*)malloc((size_t)count * STACK_BYTES)) {}
    ~Stacks() { free(memory); }
};

struct Warp
{
    const char* what;
    int arrived, members;
    unsigned long generation;
    alignas(16) unsigned char in[LANES][64], out[LANES][64];
};

struct Meeting { int arrived; unsigned long generation; };

struct Block
{
    ucontext_t scheduler;
    Meeting named[16];
    std::vector<Fibre> fibres;
    std::vector<Warp> warps;
    int current, alive, arrived;
    unsigned long generation;
    bool progress, eager;
    const char* error;
    void (*body)();
};

thread_local Block* block;
thread_local uint3 block_index, grid_size, block_size;

inline Fibre& self() { return block->fibres[block->current]; }
inline Warp& warp() { return block->warps[block->current / LANES]; }
inline int lane() { return block->current % LANES; }

// Noinline: what the compiler knows of `current` before it may be of another fibre after it.
__attribute__((noinline)) inline void yield() { swapcontext(&self().context, &block->scheduler); }

[[noreturn]] inline void fail(const char* why)
{
    block->error = why;
    for (;;) yield();
}

inline void release_barrier()
{
    if (block->arrived == 0 || block->arrived < block->alive) return;
    block->arrived = 0;
    ++block->generation;
    block->progress = true;
}

inline void meet_block()
{
    const unsigned long seen = block->generation;
    ++block->arrived;
    release_barrier();
    while (block->generation == seen) yield();
}

inline void arrive(int id, int threads)
{
    Meeting& m = block->named[id];
    if (++m.arrived < threads) return;
    m.arrived = 0;
    ++m.generation;
    block->progress = true;
}

inline void meet_some(int id, int threads)
{
    const Meeting& m = block->named[id];
    const unsigned long seen = m.generation;
    arrive(id, threads);
    while (m.generation == seen) yield();
}

// Every lane of the warp gives `in` and gets its `out` once all have come and `all` has turned one into the other.
template <class In, class Out> Out meet_warp(const char* what, const In& in, void (*all)(Warp&))
{
    static_assert(sizeof(In) <= 64 && sizeof(Out) <= 64);
    Warp& w = warp();
    if (w.arrived && strcmp(w.what, what) != 0) fail("lanes of a warp meet in different operations");
    w.what = what;
    memcpy(w.in[lane()], &in, sizeof in);
    if (++w.arrived == w.members)
    {
        all(w);
        w.arrived = 0;
        ++w.generation;
        block->progress = true;
    }
    else
        for (const unsigned long seen = w.generation; w.generation == seen;) yield();
    Out out;
    memcpy(&out, w.out[lane()], sizeof out);
    return out;
}

template <class T> struct Shuffle { T value; int from; };
template <class T> T shuffle(const char* what, T value, int from)
{
    return meet_warp<Shuffle<T>, T>(what, {value, from}, [](Warp& w) {
        for (int i = 0; i < LANES; ++i)
        {
            const int source = ((const Shuffle<T>*)w.in[i])->from & (LANES - 1);
            memcpy(w.out[i], &((const Shuffle<T>*)w.in[source])->value, sizeof(T));
        }
    });
}

inline float of_bf16(unsigned bits) { bits <<= 16; float v; memcpy(&v, &bits, 4); return v; }
inline float low(unsigned pair) { return of_bf16(pair & 0xffff); }
inline float high(unsigned pair) { return of_bf16(pair >> 16); }
inline unsigned to_bf16(float v)
{
    unsigned bits;
    memcpy(&bits, &v, 4);
    if (v != v) return 0x7fff;
    return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

struct MmaIn { float d[4]; unsigned a[4], b[2]; };
struct MmaOut { float d[4]; };
inline void multiply(Warp& w)
{
    float a[16][16], b[16][8];
    for (int i = 0; i < LANES; ++i)
    {
        const MmaIn& in = *(const MmaIn*)w.in[i];
        const int group = i / 4, quad = i % 4;
        for (int r = 0; r < 4; ++r)
        {
            const int row = group + (r & 1) * 8, k = quad * 2 + (r >> 1) * 8;
            a[row][k] = low(in.a[r]);
            a[row][k + 1] = high(in.a[r]);
        }
        for (int r = 0; r < 2; ++r)
        {
            b[quad * 2 + r * 8][group] = low(in.b[r]);
            b[quad * 2 + r * 8 + 1][group] = high(in.b[r]);
        }
    }
    for (int i = 0; i < LANES; ++i)
        for (int r = 0; r < 4; ++r)
        {
            const int row = i / 4 + (r >> 1) * 8, column = i % 4 * 2 + (r & 1);
            float sum = ((const MmaIn*)w.in[i])->d[r];
            for (int k = 0; k < 16; ++k) sum += a[row][k] * b[k][column];
            ((MmaOut*)w.out[i])->d[r] = sum;
        }
}

struct Words { unsigned r[4]; };
template <bool TRANSPOSED> void load_matrices(Warp& w)
{
    for (int i = 0; i < LANES; ++i)
        for (int matrix = 0; matrix < 4; ++matrix)
        {
            unsigned word = 0;
            for (int half = 0; half < 2; ++half)
            {
                const int row = TRANSPOSED ? i % 4 * 2 + half : i / 4, column = TRANSPOSED ? i / 4 : i % 4 * 2 + half;
                const unsigned address = *(const unsigned*)w.in[matrix * 8 + row];
                word |= (unsigned)*(const uint16_t*)(shared + address + 2 * column) << 16 * half;
            }
            ((Words*)w.out[i])->r[matrix] = word;
        }
}

inline void perform(const Copy& copy)
{
    if (copy.valid) memcpy(shared + copy.to, copy.from, 16);
    else memset(shared + copy.to, 0, 16);
}

inline void check_shared(unsigned address)
{
    if (address % 16 != 0 || address > SHARED_BYTES - 16) fail("a shared address is out of place");
}

// An mbarrier: complete when all have arrived and all bytes are there.
struct Barrier
{
    uint8_t expected, missing, phase;
    int bytes;
    void check()
    {
        if (missing != 0 || bytes != 0) return;
        missing = expected;
        phase ^= 1;
        block->progress = true;
    }
};
inline Barrier& barrier(unsigned address) { return *(Barrier*)(shared + (int)address); }        // static ones lie before or behind

// A tensor map as the tests make it for the CPU.
struct Map { const uint16_t* address; uint64_t rows, columns, boxRows; };

// Where a byte of a matrix of rows of 128 bytes lies under the 128-byte swizzle.
inline unsigned swizzled_128(unsigned address) { return address ^ (address >> 7 & 7) << 4; }

inline float of_matrix(uint64_t matrix, int row, int column)
{
    const unsigned at = swizzled_128((unsigned)(matrix & 0x3fff) * 16 + row / 8 * 1024 + row % 8 * 128 + column * 2);
    return of_bf16(*(const uint16_t*)(shared + at));
}

struct Weights { unsigned a[4]; };
struct WeightRows { uint16_t row[2][16]; };
inline void gather_rows(Warp& w)
{
    for (int i = 0; i < LANES; ++i)
        for (int r = 0; r < 4; ++r)
            for (int from = 0; from < 4; ++from)
            {
                const unsigned pair = ((const Weights*)w.in[i / 4 * 4 + from])->a[r];
                uint16_t* to = ((WeightRows*)w.out[i])->row[r & 1] + from * 2 + (r >> 1) * 8;
                to[0] = (uint16_t)pair;
                to[1] = (uint16_t)(pair >> 16);
            }
}

inline void enter()
{
    block->body();
    self().done = true;
    --block->alive;
    block->progress = true;
    release_barrier();
    for (;;) yield();
}

// Runs one block to its end. Fibres are resumed in an order drawn anew for every pass, and some are left out of a pass.
inline const char* run_block(Block& b, Random& random, int seed)
{
    block = &b;
    const int threads = (int)b.fibres.size();
    b.alive = threads;
    b.arrived = 0;
    memset(b.named, 0, sizeof b.named);
    b.error = nullptr;
    memset(shared, 0xff, SHARED_BYTES);
    for (size_t i = 0; i < b.warps.size(); ++i) b.warps[i].arrived = 0, b.warps[i].members = threads - (int)i * LANES < LANES ? threads - (int)i * LANES : LANES;
    std::vector<int> order(threads);
    for (int i = 0; i < threads; ++i)
    {
        Fibre& f = b.fibres[i];
        order[i] = seed == 1 ? threads - 1 - i : i;
        f.done = false;
        f.groups.assign(1, {});
        f.thread = {(unsigned)i, 0, 0};
        getcontext(&f.context);
        f.context.uc_stack.ss_sp = f.stack;
        f.context.uc_stack.ss_size = STACK_BYTES;
        makecontext(&f.context, enter, 0);
    }
    for (int idle = 0; b.alive > 0 && !b.error;)
    {
        b.progress = false;
        if (seed > 1) random.shuffle(order);
        for (int i : order)
        {
            if (b.fibres[i].done || (seed > 2 && random.next(4) == 0)) continue;
            b.current = i;
            swapcontext(&b.scheduler, &b.fibres[i].context);
            if (b.error) break;
        }
        idle = b.progress ? 0 : idle + 1;
        if (idle > IDLE_PASSES) return "threads wait for each other for ever";
    }
    return b.error;
}

template <class P> struct Launch
{
    static inline thread_local void (*kernel)(P);
    static inline thread_local const P* parameters;
    static void body() { kernel(*parameters); }
};

template <class P> const char* run(void (*kernel)(P), const void* parameters, const int* grid, int threads, int seed)
{
    Launch<P>::kernel = kernel;
    Launch<P>::parameters = (const P*)parameters;
    Random random = {(uint64_t)seed};
    Block b;
    b.fibres = std::vector<Fibre>(threads);
    const Stacks stacks(threads);
    for (int i = 0; i < threads; ++i) b.fibres[i].stack = stacks.memory + (size_t)i * STACK_BYTES;
    b.warps = std::vector<Warp>((threads + LANES - 1) / LANES);
    b.body = Launch<P>::body;
    b.eager = seed % 2 == 0;
    grid_size = {(unsigned)grid[0], (unsigned)grid[1], (unsigned)grid[2]};
    block_size = {(unsigned)threads, 1, 1};
    std::vector<int> blocks(grid[0] * grid[1] * grid[2]);
    for (size_t i = 0; i < blocks.size(); ++i) blocks[i] = (int)i;
    if (seed > 0) random.shuffle(blocks);
    for (int i : blocks)
    {
        block_index = {(unsigned)(i % grid[0]), (unsigned)(i / grid[0] % grid[1]), (unsigned)(i / grid[0] / grid[1])};
        if (const char* error = run_block(b, random, seed)) return error;
    }
    return nullptr;
}
}

#define threadIdx (emulated::self().thread)
#define blockIdx emulated::block_index
#define gridDim emulated::grid_size
#define blockDim emulated::block_size

// Makes a kernel callable: null, or what went wrong.
#define EMULATE(kernel) extern "C" const char* emulate_##kernel(const void* p, const int* grid, int threads, int seed) { return emulated::run(kernel, p, grid, threads, seed); }

inline float __uint_as_float(unsigned v) { return __builtin_bit_cast(float, v); }
inline unsigned __float_as_uint(float v) { return __builtin_bit_cast(unsigned, v); }
inline void __syncthreads() { emulated::meet_block(); }
inline void __syncwarp(unsigned = 0xffffffffu) { emulated::meet_warp<int, int>("syncwarp", 0, [](emulated::Warp&) {}); }
template <class T> T __shfl_xor_sync(unsigned, T v, int mask) { return emulated::shuffle("shfl.bfly", v, emulated::lane() ^ mask); }
template <class T> T __shfl_sync(unsigned, T v, int from) { return emulated::shuffle("shfl.idx", v, from); }
inline int __popc(unsigned v) { return __builtin_popcount(v); }
inline unsigned __ballot_sync(unsigned, bool vote)
{
    unsigned votes = 0;
    for (int from = 0; from < 32; ++from) votes |= (unsigned)emulated::shuffle("vote.ballot", (int)vote, from) << from;
    return votes;
}
inline void __threadfence() {}
inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
inline float rsqrtf(float v) { return 1.f / sqrtf(v); }
inline float __expf(float v) { return expf(v); }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
template <typename T, typename U> inline T atomicAdd(T* at, U value) { const T was = *at; *at = was + (T)value; return was; }
inline int atomicExch(int* at, int value) { const int was = *at; *at = value; return was; }

// What Common.cuh, Mma.cuh and SkinnyGemm.cu write in PTX.
inline unsigned narrow2(float low, float high) { return emulated::to_bf16(low) | emulated::to_bf16(high) << 16; }
inline float power2(float v) { return exp2f(v); }
inline float reciprocal(float v) { return 1.f / v; }
inline uint4 load_once(const void* p) { return *(const uint4*)p; }
inline void mma(float (&d)[4], const unsigned (&a)[4], unsigned b0, unsigned b1)
{
    const emulated::MmaIn in = {{d[0], d[1], d[2], d[3]}, {a[0], a[1], a[2], a[3]}, {b0, b1}};
    const auto out = emulated::meet_warp<emulated::MmaIn, emulated::MmaOut>("mma", in, emulated::multiply);
    memcpy(d, out.d, sizeof d);
}
inline unsigned shared_address(const void* p) { return (unsigned)((const unsigned char*)p - shared); }
inline void ldmatrix(unsigned (&r)[4], unsigned address)
{
    emulated::check_shared(address);
    const auto out = emulated::meet_warp<unsigned, emulated::Words>("ldmatrix", address, emulated::load_matrices<false>);
    memcpy(r, out.r, sizeof r);
}
inline void ldmatrix_transposed(unsigned (&r)[4], unsigned address)
{
    emulated::check_shared(address);
    const auto out = emulated::meet_warp<unsigned, emulated::Words>("ldmatrix.trans", address, emulated::load_matrices<true>);
    memcpy(r, out.r, sizeof r);
}
inline void copy_async(unsigned to, const void* from, bool valid)
{
    emulated::check_shared(to);
    const emulated::Copy copy = {to, from, valid};
    if (emulated::block->eager) emulated::perform(copy);
    else emulated::self().groups.back().push_back(copy);
}
inline void copy_commit() { emulated::self().groups.emplace_back(); }
template <int PENDING> void copy_wait()
{
    auto& groups = emulated::self().groups;
    while ((int)groups.size() - 1 > PENDING)
    {
        for (const auto& copy : groups.front()) emulated::perform(copy);
        groups.erase(groups.begin());
    }
}

// What Hopper.cuh writes in PTX. A product of matrices is done when it is issued.
inline void barrier_init(unsigned barrier, int arrivals) { emulated::barrier(barrier) = {(uint8_t)arrivals, (uint8_t)arrivals, 0, 0}; }
inline void barrier_arrive(unsigned barrier)
{
    --emulated::barrier(barrier).missing;
    emulated::barrier(barrier).check();
}
inline void barrier_expect(unsigned barrier, unsigned bytes)
{
    emulated::barrier(barrier).bytes += (int)bytes;
    barrier_arrive(barrier);
}
inline void barrier_wait(unsigned barrier, unsigned parity)
{
    while (emulated::barrier(barrier).phase == parity) emulated::yield();
}
template <class Map> void copy_box(unsigned to, const Map* map, int column, int row, unsigned barrier)
{
    const auto& m = *(const emulated::Map*)map;
    if (to % 1024 != 0) emulated::fail("a box begins between two swizzles");
    for (int r = 0; r < (int)m.boxRows; ++r)
        for (int c = 0; c < 64; ++c)
        {
            const bool inside = (uint64_t)(row + r) < m.rows && (uint64_t)(column + c) < m.columns;
            *(uint16_t*)(shared + emulated::swizzled_128(to + r * 128 + c * 2)) = inside ? m.address[(row + r) * m.columns + column + c] : 0;
        }
    emulated::barrier(barrier).bytes -= (int)m.boxRows * 128;
    emulated::barrier(barrier).check();
}
template <int N> void product(float (&d)[N], unsigned long long a, unsigned long long b, int accumulate)
{
    const int lane = emulated::lane(), warp = emulated::block->current / 32 % 4;
    for (int i = 0; i < N; ++i)
    {
        const int row = warp * 16 + lane / 4 + i / 2 % 2 * 8, column = i / 4 * 8 + lane % 4 * 2 + i % 2;
        float sum = accumulate ? d[i] : 0.f;
        for (int k = 0; k < 16; ++k) sum += emulated::of_matrix(a, row, k) * emulated::of_matrix(b, column, k);
        d[i] = sum;
    }
}
template <int N> void product_adding(float (&d)[N], const unsigned* a, unsigned long long b)
{
    const auto rows = emulated::meet_warp<emulated::Weights, emulated::WeightRows>("wgmma", {{a[0], a[1], a[2], a[3]}}, emulated::gather_rows);
    const unsigned next = (unsigned)(b >> 16 & 0x3fff) * 16;
    for (int i = 0; i < N; ++i)
    {
        const int column = i / 4 * 8 + emulated::lane() % 4 * 2 + i % 2;
        for (int k = 0; k < 16; ++k)
        {
            const unsigned at = emulated::swizzled_128((unsigned)(b & 0x3fff) * 16 + column / 64 * next + k / 8 * 1024 + k % 8 * 128 + column % 64 * 2);
            d[i] += emulated::of_bf16(rows.row[i / 2 % 2][k]) * emulated::of_bf16(*(const uint16_t*)(shared + at));
        }
    }
}
template <int> void take_registers() {}
template <int> void give_registers() {}
inline void products_begin() {}
inline void products_commit() {}
template <int PENDING> void products_wait() { __syncwarp(); }        // a warp's lanes go on together
template <int N> void settled(float (&)[N]) {}
inline void publish_to_async() {}
template <int THREADS> void arrive_some(int id) { emulated::arrive(id, THREADS); }
template <int THREADS> void sync_some(int id) { emulated::meet_some(id, THREADS); }
inline void sync_warpgroup(int id) { emulated::meet_some(id, 128); }
