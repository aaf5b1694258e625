// Tensor-core fragments: mma.sync m16n8k16 bf16 with f32 accumulators, ldmatrix, cp.async, and the swizzle of shared tiles.
#pragma once
#include "Common.cuh"

#ifdef DEVICE_ONLY
// d (16 x 8, f32) += a (16 x 16, row) * b (16 x 8, col)
__device__ __forceinline__ void mma(float (&d)[4], const u32 (&a)[4], u32 b0, u32 b1)
{
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

__device__ __forceinline__ u32 shared_address(const void* p) { return (u32)__cvta_generic_to_shared(p); }

// Four 8 x 8 matrices; lane i gives the row address of matrix i / 8, row i % 8.
__device__ __forceinline__ void ldmatrix(u32 (&r)[4], u32 address)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(address));
}
__device__ __forceinline__ void ldmatrix_transposed(u32 (&r)[4], u32 address)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(address));
}

// 16 bytes from global to shared memory, around L1; zeros instead when `valid` is false.
__device__ __forceinline__ void copy_async(u32 to, const void* from, bool valid)
{
    int bytes = valid ? 16 : 0;
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(bytes));
}
__device__ __forceinline__ void copy_commit() { asm volatile("cp.async.commit_group;"); }
template <int PENDING> __device__ __forceinline__ void copy_wait() { asm volatile("cp.async.wait_group %0;" ::"n"(PENDING)); }

#endif

// Bytes of a row of D bf16 in a shared tile: as many as it takes, and a chunk more where D allows no swizzle.
template <int D> constexpr int ROW_BYTES = (D & (D - 1)) == 0 ? D * 2 : D * 2 + 16;

// Byte offset of 16-byte chunk `chunk` of row `row` in a tile of D bf16 a row: ldmatrix then meets each bank once. Head sizes that are no power
// of two have rows an odd number of chunks apart instead.
template <int D> __device__ __forceinline__ int swizzled(int row, int chunk)
{
    if constexpr ((D & (D - 1)) != 0) return row * ROW_BYTES<D> + (chunk << 4);
    constexpr int CHUNKS = D / 8;
    constexpr int ROWS_A_LINE = CHUNKS >= 8 ? 1 : 8 / CHUNKS;
    constexpr int MASK = CHUNKS >= 8 ? 7 : CHUNKS - 1;
    return row * D * 2 + ((chunk ^ ((row / ROWS_A_LINE) & MASK)) << 4);
}
