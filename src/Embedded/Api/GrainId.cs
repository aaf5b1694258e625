namespace Orleans.Runtime;

/// <summary>A key or a type name, as text.</summary>
[GenerateSerializer, Immutable]
public readonly record struct IdSpan
{
    [Id(0)] private readonly string? text;

    private IdSpan(string text) => this.text = text;

    public bool IsDefault => string.IsNullOrEmpty(text);

    public static IdSpan Create(string id) => new(id ?? throw new ArgumentNullException(nameof(id)));

    public override string ToString() => text ?? "";
}

/// <summary>The kind of a grain: its class name in lower case, without "Grain" at the end.</summary>
[GenerateSerializer, Immutable]
public readonly record struct GrainType
{
    public GrainType(IdSpan id) => Value = id;

    [Id(0)] public IdSpan Value { get; }

    public bool IsDefault => Value.IsDefault;

    public static GrainType Create(string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        return new(IdSpan.Create(value));
    }

    public override string? ToString() => Value.ToString();
}

/// <summary>Who a grain is: its type and its key.</summary>
[GenerateSerializer, Immutable]
public readonly record struct GrainId
{
    public GrainId(GrainType type, IdSpan key) => (Type, Key) = (type, key);

    [Id(0)] public GrainType Type { get; }

    [Id(1)] public IdSpan Key { get; }

    public bool IsDefault => Type.IsDefault && Key.IsDefault;

    public static GrainId Create(GrainType type, IdSpan key) => new(type, key);

    public static GrainId Create(string type, string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return new(GrainType.Create(type), IdSpan.Create(key));
    }

    public override string ToString() => $"{Type}/{Key}";
}
