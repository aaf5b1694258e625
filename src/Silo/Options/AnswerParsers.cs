namespace Splitwiser.Silo.Options;

/// <summary>How calls of tools are found in answers.</summary>
public enum ToolCallParser
{
    /// <summary>By the chat template's words.</summary>
    Auto,

    /// <summary>Not at all: chats with tools are refused.</summary>
    None,
    Hermes,
    Llama3,
    Mistral,
}

/// <summary>How prompts become vectors.</summary>
public enum PoolingOption
{
    /// <summary>As the model's 1_Pooling/config.json says; the last token's without one.</summary>
    Auto,
    Mean,
    Last,
}

/// <summary>How thoughts are found in answers.</summary>
public enum ReasoningParser
{
    /// <summary>As <see cref="Think"/> if the chat template knows the tags.</summary>
    Auto,

    /// <summary>Not at all: they are a part of the answer.</summary>
    None,

    /// <summary>Between &lt;think&gt; and &lt;/think&gt;.</summary>
    Think,
}
