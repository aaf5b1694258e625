using System.Runtime.CompilerServices;

namespace Splitwiser.Models.Chat.Values;

/// <summary>A value of a template, with Python's meaning of truth, text, equality and iteration.</summary>
internal abstract class Value
{
    /// <summary>The type as Python calls it, for messages.</summary>
    public abstract string TypeName { get; }

    public virtual bool IsTrue => true;

    /// <summary>What printing it gives: str().</summary>
    public abstract string Text { get; }

    /// <summary>How it is written in code: repr().</summary>
    public virtual string Literal => Text;

    /// <summary>How much it is, all that it holds included.</summary>
    public virtual Extent Extent => Extent.One;

    /// <summary>The number of its elements.</summary>
    public virtual int Length => throw new TemplateError($"object of type '{TypeName}' has no len()");

    /// <summary>Its elements, as a loop sees them.</summary>
    public virtual IEnumerable<Value> Elements => throw new TemplateError($"'{TypeName}' object is not iterable");

    /// <summary>Its elements from the last to the first.</summary>
    public virtual IEnumerable<Value> Reversed => throw new TemplateError($"'{TypeName}' object is not reversible");

    /// <summary>value[from:to:by].</summary>
    public virtual Value Sliced(Int128? from, Int128? to, Int128? by) => throw new TemplateError($"'{TypeName}' object is not subscriptable");

    /// <summary>Calls it, if it can be called; nothing where it can't.</summary>
    public virtual Value? Invoke(Arguments arguments) => null;

    public virtual bool IsCallable => false;

    /// <summary>A method or property, nothing where there is none by this name.</summary>
    public virtual Value? Property(string name) => null;

    /// <summary>An element by index or key, nothing where there is none.</summary>
    public virtual Value? Element(Value key) => null;

    public virtual bool SameAs(Value other) => ReferenceEquals(this, other);

    public virtual int Hash => RuntimeHelpers.GetHashCode(this);

    /// <summary>value.name: properties come before elements.</summary>
    public virtual Value Attribute(string name) =>
        IsInternal(name)
            ? Unsafe(name)
            : Property(name) ?? Element(new StringValue(name)) ?? new UndefinedValue($"'{TypeName} object' has no attribute '{name}'");

    /// <summary>value[key]: elements come before properties.</summary>
    public virtual Value Item(Value key) =>
        Element(key)
        ?? (key is StringValue name ? IsInternal(name.Text) ? Unsafe(name.Text) : Property(name.Text) : null)
        ?? new UndefinedValue($"'{TypeName} object' has no attribute {key.Literal}");

    /// <summary>What a template must not touch: it can be named, but fails where it is used.</summary>
    protected UndefinedValue Unsafe(string name) => new($"access to attribute '{name}' of '{TypeName}' object is unsafe.");

    private bool IsInternal(string name) => name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal) && this is not UndefinedValue;

    public override string ToString() => Literal;
}
