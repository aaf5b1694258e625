namespace Splitwiser.Models.Chat.Values;

/// <summary>The arguments of a call, by position and by name.</summary>
internal sealed class Arguments(IReadOnlyList<Value> positional, IReadOnlyDictionary<string, Value> named)
{
    public static Arguments None { get; } = new([], new Dictionary<string, Value>());

    public IReadOnlyList<Value> Positional => positional;

    public IReadOnlyDictionary<string, Value> Named => named;

    /// <summary>The arguments behind the first ones.</summary>
    public Arguments Behind(int count) => new([.. positional.Skip(count)], named);

    public Value? Optional(int position, string name) => position < positional.Count ? positional[position] : named.GetValueOrDefault(name);

    public Value Required(int position, string name) => Optional(position, name) ?? throw new TemplateError($"missing argument '{name}'");

    public string Text(int position, string name, string otherwise) => Optional(position, name)?.Text ?? otherwise;

    public bool Flag(int position, string name, bool otherwise = false) => Optional(position, name)?.IsTrue ?? otherwise;

    /// <summary>A whole number, nothing where the argument is absent or none.</summary>
    public int? Int(int position, string name) => Optional(position, name) switch
    {
        null or NoneValue => null,
        var value when Numbers.TryInt(value, out var number) && number >= int.MinValue && number <= int.MaxValue => (int)number,
        var value => throw new TemplateError($"argument '{name}' must be a whole number, not {value.Literal}"),
    };
}
