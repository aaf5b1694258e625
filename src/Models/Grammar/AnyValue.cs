namespace Splitwiser.Models.Grammar;

/// <summary>JSON of any kind.</summary>
internal static class AnyValue
{
    static AnyValue()
    {
        var value = new ChoiceNode();
        Object = new ObjectNode([], new ObjectMember(JsonTerminals.AnyKey, value, Required: false), 0, null);
        value.Options =
        [
            Object, new ArrayNode([], value, 0, null), new TerminalNode(JsonTerminals.String), new TerminalNode(Numbers.Any),
            new TerminalNode(JsonTerminals.True), new TerminalNode(JsonTerminals.False), new TerminalNode(JsonTerminals.Null),
        ];
        Node = value;
        GrammarCheck.Measure(value);
    }

    public static GrammarNode Node { get; }

    public static GrammarNode Object { get; }
}
