using Orleans;

namespace Splitwiser;

/// <summary>The request was refused before anything was leased: the caller's fault, or no room.</summary>
[GenerateSerializer, Alias("splitwiser.RequestRefusedException")]
public sealed class RequestRefusedException : Exception
{
    public RequestRefusedException(RefusalReason reason, string message, string? parameter = null, TimeSpan? retryAfter = null)
        : base(message)
    {
        Reason = reason;
        Parameter = parameter;
        RetryAfter = retryAfter;
    }

    [Id(0)] public RefusalReason Reason { get; private set; }

    /// <summary>The request's field at fault, in the API's spelling, where one is.</summary>
    [Id(1)] public string? Parameter { get; private set; }

    /// <summary>For <see cref="RefusalReason.QueueFull"/>: when a retry has a chance.</summary>
    [Id(2)] public TimeSpan? RetryAfter { get; private set; }
}

public enum RefusalReason
{
    /// <summary>A field is missing, malformed or out of range.</summary>
    InvalidRequest,

    /// <summary>Prompt and max_tokens don't fit the context, or the prompt can't ever fit the pages.</summary>
    ContextOverflow,

    /// <summary>No such model here.</summary>
    UnknownModel,

    /// <summary>The queue is full; try again after RetryAfter.</summary>
    QueueFull,

    /// <summary>No device is up, or the silo is shutting down.</summary>
    Unavailable,
}
