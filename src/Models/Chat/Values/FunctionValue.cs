namespace Splitwiser.Models.Chat.Values;

/// <summary>What can be called: a macro, a method, a global function.</summary>
internal sealed class FunctionValue(string name, Func<Arguments, Value> call) : Value
{
    public override string TypeName => "function";

    public override string Text => $"<function {name}>";

    public override bool IsCallable => true;

    public override Value Invoke(Arguments arguments) => call(arguments);

    public Value Call(Arguments arguments) => call(arguments);
}
