namespace Splitwiser.Models.Chat.Values;

/// <summary>
/// How many values a value is made of, and how deep it nests. Both are bounded, so that a template can't build what takes for ever to
/// print or compare: a list that holds another twice, which holds another twice, and so on.
/// </summary>
internal readonly record struct Extent(int Count, int Depth)
{
    private const int MostValues = 1 << 20;
    private const int Deepest = 200;

    public static Extent One { get; } = new(1, 1);

    /// <summary>The extent of what holds the given values.</summary>
    public static Extent Around(IEnumerable<Value> values)
    {
        var (count, depth) = (1L, 0);
        foreach (var value in values)
        {
            count += value.Extent.Count;
            depth = Math.Max(depth, value.Extent.Depth);
            if (count > MostValues || depth >= Deepest)
                throw new TemplateError("a list or dictionary that is too large or nests too deep");
        }

        return new Extent((int)count, depth + 1);
    }
}
