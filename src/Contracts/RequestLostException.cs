using Orleans;

namespace Splitwiser;

/// <summary>An admitted request could not be finished: its devices failed and the bounded retries are spent, or another call took it over.</summary>
[GenerateSerializer, Alias("splitwiser.RequestLostException")]
public sealed class RequestLostException : Exception
{
    public RequestLostException(LossReason reason, string message) : base(message) => Reason = reason;

    [Id(0)] public LossReason Reason { get; private set; }
}

public enum LossReason
{
    /// <summary>Every device tried was lost.</summary>
    DevicesLost,

    /// <summary>A second call on the same request fenced this one.</summary>
    Superseded,

    /// <summary>The consumer did not read for ConsumerIdleTimeout.</summary>
    ConsumerIdle,

    /// <summary>No token of the vocabulary continued the answer in the format that its <see cref="OutputConstraint"/> asks for.</summary>
    FormatStuck,
}
