namespace Orleans;

/// <summary>Values of this type cross calls, by their members that carry <see cref="IdAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class GenerateSerializerAttribute : Attribute;

/// <summary>The number of a member on the wire. Members without one stay behind.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Field)]
public sealed class IdAttribute(uint id) : Attribute { public uint Id { get; } = id; }

/// <summary>The value never changes, so a call passes it on uncopied.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Parameter | AttributeTargets.ReturnValue, Inherited = false)]
public sealed class ImmutableAttribute : Attribute;

/// <summary>The name on the wire, which outlives a rename in the source.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Method | AttributeTargets.Interface, AllowMultiple = true)]
public sealed class AliasAttribute(string alias) : Attribute { public string Alias { get; } = alias; }

/// <summary>Two references to one such object may arrive as two objects.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SuppressReferenceTrackingAttribute : Attribute;

/// <summary>How long a call of this method waits for its answer, as text that <see cref="TimeSpan.Parse(string)"/> reads.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ResponseTimeoutAttribute(string timeout) : Attribute { public TimeSpan? Timeout { get; init; } = TimeSpan.Parse(timeout); }

/// <summary>How long nobody must have called a grain of this class before its activation is ended, as text that <see cref="TimeSpan.Parse(string)"/> reads.</summary>
[AttributeUsage(AttributeTargets.Class)]
public class CollectionAgeLimitAttribute(string inactivityPeriod) : Attribute { public TimeSpan AgeLimit { get; } = TimeSpan.Parse(inactivityPeriod); }
