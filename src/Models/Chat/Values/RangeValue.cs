namespace Splitwiser.Models.Chat.Values;

/// <summary>range(start, stop, step): whole numbers that are computed when asked for.</summary>
internal sealed class RangeValue(Int128 start, Int128 stop, Int128 step) : Value
{
    private const int Longest = 100_000;
    private readonly int count = Count(start, stop, step);

    public override string TypeName => "range";

    public override bool IsTrue => count > 0;

    public override string Text => step == 1 ? $"range({start}, {stop})" : $"range({start}, {stop}, {step})";

    public override int Length => count;

    public override IEnumerable<Value> Elements => Enumerable.Range(0, count).Select(At);

    public override IEnumerable<Value> Reversed => Enumerable.Range(1, count).Select(i => At(count - i));

    public override int Hash => count;

    public override Value? Element(Value key) => Numbers.TryInt(key, out var index) && Slice.TryIndex(index, count, out var at) ? At(at) : null;

    public override Value Sliced(Int128? from, Int128? to, Int128? by)
    {
        var (first, end, stride) = Slice.Bounds(from, to, by, count);
        return new RangeValue(start + (first * step), start + (end * step), step * stride);
    }

    public override bool SameAs(Value other) => other is RangeValue range && Elements.Count() == range.Length && Elements.Zip(range.Elements).All(pair => pair.First.SameAs(pair.Second));

    private static int Count(Int128 start, Int128 stop, Int128 step)
    {
        if (step == 0)
            throw new TemplateError("range() arg 3 must not be zero");
        var count = (stop - start + step - Int128.Sign(step)) / step;
        return count > Longest ? throw new TemplateError($"range is longer than {Longest}") : (int)Int128.Max(count, 0);
    }

    private Value At(int index) => new IntValue(start + (index * step));
}
