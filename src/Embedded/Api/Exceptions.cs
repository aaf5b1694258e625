namespace Orleans.Runtime
{
    /// <summary>A failure of the engine, not of a grain.</summary>
    [GenerateSerializer]
    public class OrleansException : Exception
    {
        public OrleansException() : base("Unexpected error.") { }

        public OrleansException(string message) : base(message) { }

        public OrleansException(string message, Exception innerException) : base(message, innerException) { }
    }

    /// <summary>The message did not reach its grain.</summary>
    [GenerateSerializer]
    public class OrleansMessageRejectionException : OrleansException
    {
        internal OrleansMessageRejectionException(string message) : base(message) { }
    }

    /// <summary>The silo of the grain is gone, or there is no silo to ask.</summary>
    [GenerateSerializer]
    public sealed class SiloUnavailableException : OrleansMessageRejectionException
    {
        public SiloUnavailableException() : base("Silo unavailable") { }

        public SiloUnavailableException(string msg) : base(msg) { }
    }

    /// <summary>A host that is configured so that it can't start.</summary>
    [GenerateSerializer]
    public sealed class OrleansConfigurationException : Exception
    {
        public OrleansConfigurationException(string message) : base(message) { }

        public OrleansConfigurationException(string message, Exception innerException) : base(message, innerException) { }
    }

    /// <summary>The stream ended before its end: its grain was deactivated, or nobody read for one to two response timeouts.</summary>
    [GenerateSerializer]
    public sealed class EnumerationAbortedException : Exception
    {
        public EnumerationAbortedException() { }

        public EnumerationAbortedException(string message) : base(message) { }
    }
}

namespace Orleans.Serialization
{
    /// <summary>A value that can't cross calls.</summary>
    [GenerateSerializer]
    public class SerializerException : Exception
    {
        public SerializerException(string message) : base(message) { }
    }

    /// <summary>A value of a type without <see cref="GenerateSerializerAttribute"/>.</summary>
    [GenerateSerializer]
    public sealed class CodecNotFoundException : SerializerException
    {
        public CodecNotFoundException(string message) : base(message) { }
    }
}
