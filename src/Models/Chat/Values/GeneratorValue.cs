namespace Splitwiser.Models.Chat.Values;

/// <summary>What map, select and the like give: computed as it is read, and read once. Always true, without a length.</summary>
internal sealed class GeneratorValue(IEnumerable<Value> items) : Value
{
    private readonly IEnumerator<Value> items = items.GetEnumerator();

    public override string TypeName => "generator";

    public override string Text => "<generator object>";

    public override IEnumerable<Value> Elements
    {
        get
        {
            while (items.MoveNext())
                yield return items.Current;
        }
    }
}
