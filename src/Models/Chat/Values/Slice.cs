namespace Splitwiser.Models.Chat.Values;

/// <summary>Python's indices: negative ones count from the end, slices are cut to what is there.</summary>
internal static class Slice
{
    public static bool TryIndex(Int128 index, int length, out int at)
    {
        at = 0;
        if (index < 0)
            index += length;
        if (index < 0 || index >= length)
            return false;
        at = (int)index;
        return true;
    }

    /// <summary>The positions that start:stop:step takes.</summary>
    public static IEnumerable<int> Positions(Int128? start, Int128? stop, Int128? step, int length)
    {
        var (from, to, by) = Bounds(start, stop, step, length);
        return Walk();

        IEnumerable<int> Walk()
        {
            for (var at = from; by > 0 ? at < to : at > to; at += by)
                yield return (int)at;
        }
    }

    /// <summary>The bounds of start:stop:step, cut to what is there.</summary>
    public static (Int128 From, Int128 To, Int128 By) Bounds(Int128? start, Int128? stop, Int128? step, int length)
    {
        var by = step ?? 1;
        if (by == 0)
            throw new TemplateError("slice step cannot be zero");
        Int128 low = by > 0 ? 0 : -1;
        var high = by > 0 ? length : length - 1;
        return (start is { } s ? Bound(s) : by > 0 ? low : high, stop is { } e ? Bound(e) : by > 0 ? high : low, by);

        Int128 Bound(Int128 index) => Int128.Clamp(index < 0 ? index + length : index, low, high);
    }
}
