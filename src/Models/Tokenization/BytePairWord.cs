namespace Splitwiser.Models.Tokenization;

/// <summary>
/// One piece while its pairs merge: its tokens as a doubly linked list in arrays, and a queue of the merges that are possible.
/// Every merge queues at most two more, so a piece of n characters takes O(n log n). Used again for piece after piece.
/// </summary>
internal sealed class BytePairWord
{
    private const int None = -1;
    private readonly PriorityQueue<Merge, (int Rank, int Position)> queue = new();
    private Symbol[] symbols = new Symbol[64];
    private int count;

    public void Clear() => count = 0;

    public void Add(int id)
    {
        if (count == symbols.Length)
            Array.Resize(ref symbols, 2 * count);
        symbols[count] = new Symbol { Id = id, Previous = count - 1, Next = None };
        if (count > 0)
            symbols[count - 1].Next = count;
        count++;
    }

    public void Merge(MergeTable merges, CancellationToken cancellationToken)
    {
        for (var position = 0; position < count; position++)
            Enqueue(merges, position);
        while (queue.TryDequeue(out var merge, out var priority))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ref var left = ref symbols[priority.Position];
            if (left.Removed || left.Next == None)
                continue;
            ref var right = ref symbols[left.Next];
            if (!merges.TryGet(left.Id, right.Id, out var current) || current.Id != merge.Id)
                continue; // one of the two has merged with another neighbour since
            left.Id = merge.Id;
            left.Next = right.Next;
            right.Removed = true;
            if (left.Next != None)
                symbols[left.Next].Previous = priority.Position;
            if (left.Previous != None)
                Enqueue(merges, left.Previous);
            Enqueue(merges, priority.Position);
        }
    }

    public void CopyTo(List<int> ids)
    {
        for (var position = count == 0 ? None : 0; position != None; position = symbols[position].Next)
            ids.Add(symbols[position].Id);
    }

    private void Enqueue(MergeTable merges, int position)
    {
        var next = symbols[position].Next;
        if (next != None && merges.TryGet(symbols[position].Id, symbols[next].Id, out var merge))
            queue.Enqueue(merge, (merge.Rank, position));
    }

    private struct Symbol
    {
        public int Id;
        public int Previous;
        public int Next;
        public bool Removed;
    }
}
