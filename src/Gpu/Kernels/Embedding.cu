// Embedding:  x[t,i] = scale * table[token(t), i] + learned[position(t) + offset, i]
//   table : (vocabulary, dim) bf16      learned : (positions, dim) bf16 or absent      x : (tokens, dim) bf16      one block per token
//   Without sources row t of the table is token t's: positions are added to embeddings that were projected.
//   token(t) is known to the host, or is what the previous step sampled for the row's slot: decode never waits for the host.
//   Bound: memory, 4 to 6 * tokens * dim bytes.   CPU twin: Cpu/Embedding.cs
#include "Common.cuh"

struct TokenSource { int fromSlot; int value; };    // fromSlot ? sampled[value] : value

struct EmbeddingParams
{
    const bf16* table;
    const TokenSource* sources;     // (tokens) or null
    const int* sampled;             // (slots) the last token sampled for each
    bf16* x;
    const int* positions;           // (tokens)
    const bf16* learned;            // null for none
    int dim;                        // a multiple of 8
    int offset, learnedRows;
    float scale;
};

extern "C" __global__ void __launch_bounds__(128) embedding(const __grid_constant__ EmbeddingParams p)
{
    launch_dependents();
    wait_for_predecessor();
    const TokenSource source = p.sources ? p.sources[blockIdx.x] : TokenSource{0, (int)blockIdx.x};
    const int token = source.fromSlot ? p.sampled[source.value] : source.value;
    const bf16x8* from = (const bf16x8*)(p.table + (i64)token * p.dim);
    bf16x8* to = (bf16x8*)(p.x + (i64)blockIdx.x * p.dim);
    // A step launched ahead of a sequence's end may lie past the learned positions; nobody reads its result.
    const bf16x8* learned = p.learned ? (const bf16x8*)(p.learned + (i64)min(p.positions[blockIdx.x] + p.offset, p.learnedRows - 1) * p.dim) : nullptr;
    for (int i = threadIdx.x; i < p.dim / 8; i += 128)
    {
        bf16x8 piece = from[i];
        if (p.scale != 1.f || learned)
        {
            const bf16x8 place = learned ? learned[i] : bf16x8{};
#pragma unroll
            for (int j = 0; j < 4; ++j)
            {
                const float2 a = widen2(piece.pair[j]), b = widen2(place.pair[j]);
                piece.pair[j] = narrow2(a.x * p.scale + b.x, a.y * p.scale + b.y);
            }
        }
        to[i] = piece;
    }
}
