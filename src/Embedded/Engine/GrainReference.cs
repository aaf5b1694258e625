namespace Splitwiser.Embedded;

/// <summary>Stands for a grain: turns a call of an interface method into a message from its node.</summary>
internal class GrainReference : DispatchProxy, IAddressable
{
    private Node node = null!;

    public GrainId GrainId { get; private set; }
    public void Bind(Node from, GrainId grain) => (node, GrainId) = (from, grain);
    public override bool Equals(object? obj) => obj is GrainReference other && other.GrainId == GrainId;
    public override int GetHashCode() => GrainId.GetHashCode();
    public override string ToString() => GrainId.ToString();
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => GrainMethod.Of(targetMethod!).Call(node, GrainId, args ?? []);
}
