using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Splitwiser.Client.AI;

/// <summary>Makes the updates of one answer from its parts as they come. A call is told when its arguments are complete.</summary>
internal sealed class ChatUpdates(string id)
{
    private string? callId;
    private string name = "";
    private readonly StringBuilder arguments = new();

    public string? Model { get; set; }

    public ChatResponseUpdate Said(string text) => Update(new TextContent(text));

    public ChatResponseUpdate Thought(string text) => Update(new TextReasoningContent(text));

    /// <summary>A call begins; the one before it, if any, is complete.</summary>
    public ChatResponseUpdate? CallBegins(string newId, string newName)
    {
        var before = Flush();
        (callId, name) = (newId, newName);
        return before;
    }

    public void Arguments(string text) => arguments.Append(text);

    /// <summary>The call that was under way, if any.</summary>
    public ChatResponseUpdate? Flush()
    {
        if (callId is null)
            return null;
        var call = FunctionCallContent.CreateFromParsedArguments(
            arguments.ToString(), callId, name, static json => JsonSerializer.Deserialize<Dictionary<string, object?>>(json, AIJsonUtilities.DefaultOptions));
        callId = null;
        arguments.Clear();
        return Update(call);
    }

    public ChatResponseUpdate Finished(ChatFinishReason reason)
    {
        var update = Update();
        update.FinishReason = reason;
        return update;
    }

    public ChatResponseUpdate Used(TokenUsage usage) => Update(new UsageContent(new UsageDetails
    {
        InputTokenCount = usage.Prompt,
        OutputTokenCount = usage.Completion,
        TotalTokenCount = usage.Prompt + usage.Completion,
        CachedInputTokenCount = usage.Cached,
    }));

    private ChatResponseUpdate Update(params AIContent[] contents) => new(ChatRole.Assistant, new List<AIContent>(contents)) { ResponseId = id, MessageId = id, ModelId = Model };
}
