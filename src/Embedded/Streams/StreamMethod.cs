namespace Splitwiser.Embedded;

/// <summary>A method whose answer is a stream.</summary>
internal sealed class StreamMethod<T>(MethodInfo method) : GrainMethod(method)
{
    private readonly Func<object, object?[], IAsyncEnumerable<T>> invoke = Compile<IAsyncEnumerable<T>>(method, call => call);
    private readonly bool copiesItems = !Copier.IsAlwaysShared(typeof(T));
    public override object Call(Node from, GrainId target, object?[] arguments) => new StreamRequest<T>(this, from, target, arguments);

    /// <summary>In a turn of the grain: makes its stream and the token that ends it.</summary>
    public Producer<T> Open(Activation activation, object?[] arguments, int batchSize)
    {
        var stop = new CancellationTokenSource();
        ReplaceToken(arguments, () => stop.Token);
        return new(invoke(activation.Grain!, arguments), stop, batchSize, activation, copiesItems);
    }
}

/// <summary>What a caller holds before it reads: each enumeration of it is a stream of its own.</summary>
internal sealed class StreamRequest<T>(StreamMethod<T> method, Node from, GrainId target, object?[] arguments) : IAsyncEnumerable<T>
{
    public Node From => from;
    public GrainId Target => target;
    public StreamMethod<T> Method => method;
    public int BatchSize { get; set; } = 100;
    public object?[] CopyOfArguments() => method.CopyOf(arguments);
    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken) => new StreamReader<T>(this, method.TokenIn(arguments), cancellationToken);
}
