// Embedding:  x[t,i] = table[token(t), i]
//   table : (vocabulary, dim) bf16      x : (tokens, dim) bf16      one block per token
//   token(t) is known to the host, or is what the previous step sampled for the row's slot: decode never waits for the host.
//   Bound: memory, 4 * tokens * dim bytes.   CPU twin: Cpu/Embedding.cs
#include "Common.cuh"

struct TokenSource { int fromSlot; int value; };    // fromSlot ? sampled[value] : value

struct EmbeddingParams
{
    const bf16* table;
    const TokenSource* sources;     // (tokens)
    const int* sampled;             // (slots) the last token sampled for each
    bf16* x;
    int dim;                        // a multiple of 8
};

extern "C" __global__ void __launch_bounds__(128) embedding(const __grid_constant__ EmbeddingParams p)
{
    launch_dependents();
    wait_for_predecessor();
    const TokenSource source = p.sources[blockIdx.x];
    const int token = source.fromSlot ? p.sampled[source.value] : source.value;
    const bf16x8* from = (const bf16x8*)(p.table + (i64)token * p.dim);
    bf16x8* to = (bf16x8*)(p.x + (i64)blockIdx.x * p.dim);
    for (int i = threadIdx.x; i < p.dim / 8; i += 128) to[i] = from[i];
}
