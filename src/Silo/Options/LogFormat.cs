namespace Splitwiser.Silo.Options;

/// <summary>How the host writes its log to the console.</summary>
public enum LogFormat
{
    /// <summary>A line an entry, for people.</summary>
    Text,

    /// <summary>A JSON object an entry, with the entry's values as fields.</summary>
    Json,
}
