using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat;

/// <summary>The names that are known in one place: those of a loop's turn or a macro's call hide those around it.</summary>
internal sealed class Scope
{
    private readonly Scope? around;
    private readonly Dictionary<string, Value> names = [];

    public Scope(RenderState state, IEnumerable<KeyValuePair<string, Value>> names)
    {
        State = state;
        this.names = new Dictionary<string, Value>(names);
    }

    private Scope(Scope around)
    {
        this.around = around;
        State = around.State;
    }

    public RenderState State { get; }

    public Scope Inner() => new(this);

    public void Set(string name, Value value) => names[name] = value;

    public Value Get(string name)
    {
        for (var scope = this; scope is not null; scope = scope.around)
        {
            if (scope.names.TryGetValue(name, out var value))
                return value;
        }

        return new UndefinedValue($"'{name}' is undefined");
    }
}
