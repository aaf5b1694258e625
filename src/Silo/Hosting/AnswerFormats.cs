using Splitwiser.Chat;
using Splitwiser.Models.Chat;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Hosting;

/// <summary>Finds out how a model writes thoughts and calls: by its template, whose words the model was trained on, or by the settings.</summary>
internal static class AnswerFormats
{
    public static AnswerFormat Of(ChatTemplate? template, SplitwiserOptions options) => new()
    {
        ToolCalls = options.ToolCallParser switch
        {
            ToolCallParser.Hermes => ToolCallFormat.Hermes,
            ToolCallParser.Llama3 => ToolCallFormat.Llama3,
            ToolCallParser.Mistral => ToolCallFormat.Mistral,
            ToolCallParser.Auto when template is not null => ToolCallsOf(template),
            _ => ToolCallFormat.None,
        },
        Thinks = options.ReasoningParser switch
        {
            ReasoningParser.Think => true,
            ReasoningParser.Auto => template?.Mentions("<think>") == true || template?.Mentions("</think>") == true,
            _ => false,
        },
    };

    private static ToolCallFormat ToolCallsOf(ChatTemplate template) =>
        template.Mentions("[TOOL_CALLS]") ? ToolCallFormat.Mistral
        : template.Mentions("<tool_call>") && !template.Mentions("<function=") ? ToolCallFormat.Hermes
        : template.Mentions("<|start_header_id|>") && template.Mentions("\"parameters\"") ? ToolCallFormat.Llama3
        : ToolCallFormat.None;
}
