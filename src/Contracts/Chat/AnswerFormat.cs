using System.Collections.Immutable;
using Orleans;

namespace Splitwiser.Chat;

/// <summary>How a model writes its thoughts and its calls of tools into the text of an answer.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.AnswerFormat")]
public sealed record AnswerFormat
{
    /// <summary>All text is said.</summary>
    public static AnswerFormat Plain { get; } = new();

    [Id(0)] public ToolCallFormat ToolCalls { get; init; }

    /// <summary>Names of the tools that may be called.</summary>
    [Id(1)] public ImmutableArray<string> Tools { get; init; } = [];

    /// <summary>An answer that begins with &lt;think&gt; begins with thoughts.</summary>
    [Id(2)] public bool Thinks { get; init; }

    /// <summary>The prompt ends with &lt;think&gt;, so the answer is thoughts from its first character on.</summary>
    [Id(3)] public bool BeginsThinking { get; init; }

    /// <summary>The mark before a call is a special token: an answer's text must keep those.</summary>
    public bool CallsWithSpecialTokens => ToolCalls is ToolCallFormat.Llama3 or ToolCallFormat.Mistral;

    /// <summary>A model's format for the answer to one prompt.</summary>
    /// <param name="prompt">As the chat template wrote it.</param>
    /// <param name="tools">Functions that may be called; null for none.</param>
    public AnswerFormat For(string prompt, ImmutableArray<string>? tools) => this with
    {
        ToolCalls = tools is null ? ToolCallFormat.None : ToolCalls,
        Tools = tools ?? [],
        BeginsThinking = Thinks && prompt.AsSpan().TrimEnd().EndsWith("<think>"),
    };
}

/// <summary>A family's way to write calls of tools.</summary>
public enum ToolCallFormat
{
    /// <summary>No calls: all is text.</summary>
    None,

    /// <summary><c>&lt;tool_call&gt;{"name": "f", "arguments": {...}}&lt;/tool_call&gt;</c>, as Hermes and Qwen write.</summary>
    Hermes,

    /// <summary><c>{"name": "f", "parameters": {...}}</c> as the whole answer, several apart by semicolons, as Llama 3 writes.</summary>
    Llama3,

    /// <summary><c>[TOOL_CALLS][{"name": "f", "arguments": {...}}]</c>, or <c>[TOOL_CALLS]f[ARGS]{...}</c> of newer models, as Mistral writes.</summary>
    Mistral,
}
