using Orleans;

namespace Splitwiser.Chat;

/// <summary>Makes one prompt of a conversation, by the served model's template. Keyed by a guid that the caller draws.</summary>
[Alias("splitwiser.IChatGrain")]
public interface IChatGrain : IGrainWithGuidKey
{
    /// <summary>Throws <see cref="RequestRefusedException"/> when the model has no template, or the template refuses the conversation.</summary>
    [Alias("Render")]
    Task<ChatPrompt> Render(Conversation conversation, CancellationToken cancellationToken = default);
}

/// <summary>A conversation in OpenAI's shape; JSON texts, for its fields are the template's business.</summary>
[GenerateSerializer, Immutable, Alias("splitwiser.Conversation")]
public sealed record Conversation
{
    /// <summary>An array of messages. The arguments of calls in them are objects.</summary>
    [Id(0)] public required string Messages { get; init; }

    /// <summary>An array of functions that may be called; null for none.</summary>
    [Id(1)] public string? Tools { get; init; }

    /// <summary>Served model name; null for the one that is served.</summary>
    [Id(2)] public string? Model { get; init; }
}

/// <summary>A conversation as one text, which ends where the assistant's answer begins.</summary>
/// <param name="Text">With the template's own special tokens: none are to be added.</param>
/// <param name="Format">How the answer is to be read.</param>
[GenerateSerializer, Immutable, Alias("splitwiser.ChatPrompt")]
public sealed record ChatPrompt([property: Id(0)] string Text, [property: Id(1)] AnswerFormat Format);
