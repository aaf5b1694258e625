using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Statements;

/// <summary>What a value is assigned to.</summary>
internal abstract class Target
{
    public abstract void Assign(Scope scope, Value value);
}

/// <summary>A name.</summary>
internal sealed class NameTarget(string name) : Target
{
    public override void Assign(Scope scope, Value value) => scope.Set(name, value);
}

/// <summary>An attribute of a namespace().</summary>
internal sealed class AttributeTarget(string space, string name) : Target
{
    public override void Assign(Scope scope, Value value)
    {
        if (scope.Get(space) is not NamespaceValue target)
            throw new TemplateError("cannot assign attribute on non-namespace object");
        target.Set(name, value);
    }
}

/// <summary>Several targets, which take a value's elements.</summary>
internal sealed class TupleTarget(IReadOnlyList<Target> targets) : Target
{
    public override void Assign(Scope scope, Value value)
    {
        var values = value.Elements.ToArray();
        if (values.Length != targets.Count)
            throw new TemplateError($"expected {targets.Count} values to unpack, got {values.Length}");
        for (var i = 0; i < values.Length; i++)
            targets[i].Assign(scope, values[i]);
    }
}
