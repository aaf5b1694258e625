namespace Splitwiser.Models.Tokenization.Patterns;

/// <summary>A set of Unicode code points, kept as the points where membership changes.</summary>
internal sealed class CodePointSet
{
    private const int Limit = 0x110000;
    private readonly int[] bounds; // ascending: members are bounds[0] up to bounds[1] - 1, bounds[2] up to bounds[3] - 1, ...

    private CodePointSet(int[] bounds) => this.bounds = bounds;

    public static CodePointSet Empty { get; } = new([]);

    public static CodePointSet All { get; } = Of((0, Limit - 1));

    public bool IsEmpty => bounds.Length == 0;

    /// <summary>The members as ranges, first and last included.</summary>
    public IEnumerable<(int First, int Last)> Ranges
    {
        get
        {
            for (var i = 0; i < bounds.Length; i += 2)
                yield return (bounds[i], bounds[i + 1] - 1);
        }
    }

    /// <summary>The union of ranges in any order, first and last included.</summary>
    public static CodePointSet Of(params IEnumerable<(int First, int Last)> ranges)
    {
        var bounds = new List<int>();
        foreach (var (first, last) in ranges.OrderBy(range => range.First))
        {
            if (bounds.Count > 0 && first <= bounds[^1])
                bounds[^1] = Math.Max(bounds[^1], last + 1);
            else
                bounds.AddRange([first, last + 1]);
        }

        return new CodePointSet([.. bounds]);
    }

    public static CodePointSet Of(int codePoint) => new([codePoint, codePoint + 1]);

    public static CodePointSet operator |(CodePointSet a, CodePointSet b) => Combine(a, b, static (inA, inB) => inA || inB);

    public static CodePointSet operator &(CodePointSet a, CodePointSet b) => Combine(a, b, static (inA, inB) => inA && inB);

    public static CodePointSet operator -(CodePointSet a, CodePointSet b) => Combine(a, b, static (inA, inB) => inA && !inB);

    public static CodePointSet operator ~(CodePointSet a) => All - a;

    public bool Contains(int codePoint)
    {
        var at = Array.BinarySearch(bounds, codePoint);
        return at >= 0 ? at % 2 == 0 : ~at % 2 == 1;
    }

    private static CodePointSet Combine(CodePointSet a, CodePointSet b, Func<bool, bool, bool> member)
    {
        var bounds = new List<int>();
        for (int i = 0, j = 0; i < a.bounds.Length || j < b.bounds.Length;)
        {
            var at = Math.Min(i < a.bounds.Length ? a.bounds[i] : Limit, j < b.bounds.Length ? b.bounds[j] : Limit);
            if (i < a.bounds.Length && a.bounds[i] == at)
                i++;
            if (j < b.bounds.Length && b.bounds[j] == at)
                j++;
            if (member(i % 2 == 1, j % 2 == 1) != (bounds.Count % 2 == 1))
                bounds.Add(at);
        }

        return new CodePointSet([.. bounds]);
    }
}
