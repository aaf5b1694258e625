using Splitwiser.Models.Chat.Expressions;
using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Library;

/// <summary>The tests behind "is".</summary>
internal static class Tests
{
    private static readonly Dictionary<string, Test> all = new()
    {
        ["boolean"] = (value, _) => value is BoolValue,
        ["callable"] = (value, _) => value.IsCallable,
        ["defined"] = (value, _) => value is not UndefinedValue,
        ["undefined"] = (value, _) => value is UndefinedValue,
        ["none"] = (value, _) => value is NoneValue,
        ["true"] = (value, _) => value == BoolValue.True,
        ["false"] = (value, _) => value == BoolValue.False,
        ["string"] = (value, _) => value is StringValue,
        ["mapping"] = (value, _) => value is DictValue,
        ["number"] = (value, _) => value is IntValue or FloatValue or BoolValue,
        ["integer"] = (value, _) => value is IntValue,
        ["float"] = (value, _) => value is FloatValue,
        ["escaped"] = (value, _) => value is MarkupValue,
        ["iterable"] = (value, _) => value is StringValue or ListValue or DictValue or ViewValue or RangeValue or GeneratorValue or UndefinedValue,
        ["sequence"] = (value, _) => value is StringValue or ListValue or DictValue or RangeValue or UndefinedValue,
        ["even"] = (value, _) => Leaves(value, new IntValue(2), 0),
        ["odd"] = (value, _) => Leaves(value, new IntValue(2), 1),
        ["divisibleby"] = (value, arguments) => Leaves(value, arguments.Required(0, "num"), 0),
        ["lower"] = (value, _) => StringMethods.Find(new StringValue(value.Text), "islower")!.Call(Arguments.None).IsTrue,
        ["upper"] = (value, _) => StringMethods.Find(new StringValue(value.Text), "isupper")!.Call(Arguments.None).IsTrue,
        ["in"] = (value, arguments) => Operators.Contains(arguments.Required(0, "seq"), value),
        ["sameas"] = (value, arguments) => IsSame(value, arguments.Required(0, "other")),
        ["filter"] = (value, _) => Filters.Find(value.Text) is not null,
        ["test"] = (value, _) => Find(value.Text) is not null,
    };

    static Tests()
    {
        foreach (var names in (string[])["== eq equalto", "!= ne", "< lt lessthan", "<= le", "> gt greaterthan", ">= ge"])
        {
            var sign = names.Split(' ')[0];
            foreach (var name in names.Split(' '))
                all[name] = (value, arguments) => Operators.Holds(sign, value, arguments.Required(0, "other"));
        }
    }

    public static Test? Find(string name) => all.GetValueOrDefault(name);

    private static bool Leaves(Value value, Value divisor, int rest) => Operators.Apply("%", value, divisor).SameAs(new IntValue(rest));

    // Python's identity; equal small constants are one object there.
    private static bool IsSame(Value a, Value b) => ReferenceEquals(a, b) || (a is IntValue or FloatValue or StringValue or UndefinedValue && a.GetType() == b.GetType() && a.SameAs(b));
}
