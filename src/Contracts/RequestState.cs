namespace Splitwiser;

/// <summary>How a request stands on its grain.</summary>
public enum RequestState
{
    /// <summary>The grain knows of no call: none has come, or the last one has ended.</summary>
    Unknown,

    /// <summary>The next chunk is being made.</summary>
    AtWork,

    /// <summary>A chunk is made, and nobody has asked for the next.</summary>
    WaitsForReader,
}
