namespace Splitwiser.Actors.Tests;

/// <summary>A value that changes, so calls copy it.</summary>
[GenerateSerializer, Alias("tests.Bag")]
public sealed class Bag
{
    [Id(0)] public List<int> Numbers { get; set; } = [];
    [Id(1)] public Dictionary<string, Bag> Parts { get; set; } = [];
    [Id(2)] public int[] Fixed { get; set; } = [];
    [Id(3)] public Bag? Twin { get; set; }
    [field: NonSerialized] public string Unmarked { get; set; } = "";
}

/// <summary>A value that never changes.</summary>
[GenerateSerializer, Immutable, Alias("tests.Note")]
public sealed record Note([property: Id(0)] int Number, [property: Id(1)] string Text, [property: Id(2)] Line Line);

[GenerateSerializer, Immutable, Alias("tests.Line")]
public readonly record struct Line([property: Id(0)] double From, [property: Id(1)] double? To);

/// <summary>An exception that crosses calls.</summary>
[GenerateSerializer, Alias("tests.ProbeException")]
public sealed class ProbeException(int code, string message, Exception? cause = null) : Exception(message, cause)
{
    [Id(0)] public int Code { get; private set; } = code;
    [field: NonSerialized] public string Unmarked { get; set; } = "here";
}

/// <summary>An exception that the wire does not know.</summary>
public sealed class ForeignException(string message, Exception? cause = null) : Exception(message, cause);
