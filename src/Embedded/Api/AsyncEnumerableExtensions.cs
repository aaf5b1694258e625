namespace Orleans.Runtime;

public static class AsyncEnumerableExtensions
{
    /// <summary>At most this many items in one message, 100 without it. Only items that are ready travel together. Comes before WithCancellation.</summary>
    public static IAsyncEnumerable<T> WithBatchSize<T>(this IAsyncEnumerable<T> self, int maxBatchSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBatchSize);
        if (self is StreamRequest<T> request) request.BatchSize = maxBatchSize;
        return self;
    }
}
