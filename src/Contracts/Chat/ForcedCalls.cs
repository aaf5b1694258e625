using System.Collections.Immutable;

namespace Splitwiser.Chat;

/// <summary>Makes an answer that must call tools: a family's way to write calls, as a format that nothing else fits.</summary>
public static class ForcedCalls
{
    /// <param name="format">How the model writes; not None.</param>
    /// <param name="functions">Those that may be called, with the JSON schemas of their arguments; null for no arguments.</param>
    /// <param name="several">More than one call is allowed.</param>
    public static OutputConstraint Of(AnswerFormat format, ImmutableArray<(string Name, string? Schema)> functions, bool several)
    {
        ArgumentNullException.ThrowIfNull(format);
        int? most = several ? null : 1;
        var calls = format.ToolCalls switch
        {
            ToolCallFormat.Hermes => OutputConstraint.Repeat(
                OutputConstraint.Sequence(OutputConstraint.Text("<tool_call>\n"), Objects(functions, "arguments"), OutputConstraint.Text("\n</tool_call>")),
                1, most, OutputConstraint.Text("\n")),
            ToolCallFormat.Llama3 => OutputConstraint.Repeat(Objects(functions, "parameters"), 1, most, OutputConstraint.Text("; ")),
            ToolCallFormat.Mistral => OutputConstraint.Sequence(
                OutputConstraint.Token("[TOOL_CALLS]"), OutputConstraint.Text("["), OutputConstraint.Repeat(Objects(functions, "arguments"), 1, most, OutputConstraint.Text(", ")), OutputConstraint.Text("]")),
            _ => throw new ArgumentException("Without a way to write calls none can be forced.", nameof(format)),
        };
        return calls with { Field = "tools" };
    }

    /// <summary>An answer that begins with thoughts ends them at once: a format is for what is said.</summary>
    public static OutputConstraint? BehindThoughts(AnswerFormat format, OutputConstraint? constraint)
    {
        ArgumentNullException.ThrowIfNull(format);
        return format.BeginsThinking && constraint is not null
            ? OutputConstraint.Sequence(OutputConstraint.Text("\n</think>\n\n"), constraint) with { Field = constraint.Field }
            : constraint;
    }

    private static OutputConstraint Objects(ImmutableArray<(string Name, string? Schema)> functions, string arguments) =>
        OutputConstraint.OneOf(functions.Select(function => OutputConstraint.Sequence(
            OutputConstraint.Text($"{{\"name\": \"{function.Name}\", \"{arguments}\": "),
            function.Schema is { } schema ? OutputConstraint.JsonSchema(schema) with { Field = "tools" } : OutputConstraint.Text("{}"),
            OutputConstraint.Text("}"))));
}
