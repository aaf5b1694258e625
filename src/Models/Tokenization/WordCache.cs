using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Splitwiser.Models.Tokenization;

/// <summary>The tokens of pieces seen lately. Bounded: when it is full it starts anew, so it follows what is being read.</summary>
internal sealed class WordCache
{
    private const int Capacity = 1 << 16;
    private const int LongestWord = 128; // longer pieces hardly come back
    private readonly ConcurrentDictionary<string, int[]> words;
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> wordsBySpan;
    private int count;

    public WordCache()
    {
        words = new ConcurrentDictionary<string, int[]>(StringComparer.Ordinal);
        wordsBySpan = words.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public bool TryGet(ReadOnlySpan<char> word, [NotNullWhen(true)] out int[]? ids)
    {
        ids = null;
        return word.Length <= LongestWord && wordsBySpan.TryGetValue(word, out ids);
    }

    public void Add(ReadOnlySpan<char> word, ReadOnlySpan<int> ids)
    {
        if (word.Length > LongestWord || !wordsBySpan.TryAdd(word, ids.ToArray()))
            return;
        if (Interlocked.Increment(ref count) >= Capacity)
        {
            Interlocked.Exchange(ref count, 0);
            words.Clear();
        }
    }
}
