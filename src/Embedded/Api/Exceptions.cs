namespace Orleans.Runtime;

/// <summary>A failure of the engine, not of a grain.</summary>
[GenerateSerializer]
public class OrleansException(string message) : Exception(message);

[GenerateSerializer]
public class OrleansMessageRejectionException : OrleansException { internal OrleansMessageRejectionException(string message) : base(message) { } }

/// <summary>The silo of the grain is gone, or there is no silo to ask.</summary>
[GenerateSerializer]
public sealed class SiloUnavailableException(string msg) : OrleansMessageRejectionException(msg);

/// <summary>A host that is configured so that it can't start.</summary>
[GenerateSerializer]
public sealed class OrleansConfigurationException(string message) : Exception(message);

/// <summary>The stream ended before its end: its grain was deactivated, or nobody read for one to two response timeouts.</summary>
[GenerateSerializer]
public sealed class EnumerationAbortedException(string message) : Exception(message);
