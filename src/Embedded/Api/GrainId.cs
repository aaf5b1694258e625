namespace Orleans.Runtime;

/// <summary>A grain's key, as text: guids as 32 digits, integers in hexadecimal.</summary>
public readonly record struct IdSpan
{
    private readonly string? text;

    internal IdSpan(string text) => this.text = text;

    public override string ToString() => text ?? "";
}

/// <summary>Who a grain is: the type of its class and its key.</summary>
public readonly record struct GrainId
{
    internal GrainId(string type, IdSpan key) => (Type, Key) = (type, key);

    internal string Type { get; }
    public IdSpan Key { get; }

    public override string ToString() => $"{Type}/{Key}";
}
