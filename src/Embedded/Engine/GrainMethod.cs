using System.Linq.Expressions;

namespace Splitwiser.Embedded;

/// <summary>A method of a grain interface, prepared once: how its arguments cross, and how to invoke it on the grain.</summary>
internal abstract class GrainMethod
{
    private static readonly ConcurrentDictionary<MethodInfo, GrainMethod> All = new();
    private static readonly Type[] Answers = [typeof(Task), typeof(Task<>), typeof(ValueTask), typeof(ValueTask<>), typeof(IAsyncEnumerable<>)];
    private readonly bool[] copied; // by parameter
    private readonly int tokenIndex; // -1: none

    protected GrainMethod(MethodInfo method)
    {
        var parameters = method.GetParameters();
        copied = [.. parameters.Select(p => !p.IsDefined(typeof(ImmutableAttribute)) && !Copier.IsAlwaysShared(p.ParameterType))];
        tokenIndex = Array.FindIndex(parameters, p => p.ParameterType == typeof(CancellationToken));
        Interleaves = method.IsDefined(typeof(Orleans.Concurrency.AlwaysInterleaveAttribute));
        Timeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
    }

    public bool Interleaves { get; }
    public TimeSpan? Timeout { get; }

    /// <exception cref="OrleansConfigurationException">On the real engine no grain could have such a method: it does not answer with a task or a stream, or a value can't cross.</exception>
    public static GrainMethod Of(MethodInfo method) => All.GetOrAdd(method, static method =>
    {
        var answer = method.ReturnType.IsGenericType ? method.ReturnType.GetGenericTypeDefinition() : method.ReturnType;
        var item = method.ReturnType.GenericTypeArguments.FirstOrDefault(typeof(Nothing));
        if (!Answers.Contains(answer) || method.IsGenericMethod) throw new OrleansConfigurationException($"{method.DeclaringType}.{method.Name} must return a task or an IAsyncEnumerable, and can't be generic here.");
        var known = new HashSet<Type>();
        foreach (var type in method.GetParameters().Select(p => p.ParameterType).Append(item))
            if (!Copier.CanCross(type, known)) throw new OrleansConfigurationException($"{method.DeclaringType}.{method.Name}: {type} can't cross calls. It, or what it holds, needs [GenerateSerializer].");
        var kind = answer == typeof(IAsyncEnumerable<>) ? typeof(StreamMethod<>) : typeof(CallMethod<>);
        return (GrainMethod)Activator.CreateInstance(kind.MakeGenericType(item), method)!;
    });

    /// <returns>What the method returns: a task, or a stream.</returns>
    public abstract object Call(Node from, GrainId target, object?[] arguments);
    public CancellationToken TokenIn(object?[] arguments) => tokenIndex < 0 ? default : (CancellationToken)arguments[tokenIndex]!;

    public object?[] CopyOf(object?[] arguments)
    {
        var copy = (object?[])arguments.Clone();
        for (var i = 0; i < copy.Length; i++) if (copied[i]) copy[i] = Copier.Copy(copy[i]);
        return copy;
    }

    /// <summary>Puts the grain's own token in the place of the caller's.</summary>
    protected void ReplaceToken(object?[] arguments, Func<CancellationToken> token)
    {
        if (tokenIndex >= 0) arguments[tokenIndex] = token();
    }

    /// <summary>Compiles (grain, arguments) => grain.Method(arguments), passed through <paramref name="convert"/>.</summary>
    protected static Func<object, object?[], TResult> Compile<TResult>(MethodInfo method, Func<Expression, Expression> convert)
    {
        var grain = Expression.Parameter(typeof(object));
        var arguments = Expression.Parameter(typeof(object?[]));
        var values = method.GetParameters().Select((p, i) => Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(i)), p.ParameterType));
        var call = Expression.Call(Expression.Convert(grain, method.DeclaringType!), method, values);
        return Expression.Lambda<Func<object, object?[], TResult>>(convert(call), grain, arguments).Compile();
    }
}

/// <summary>A method with one answer.</summary>
internal sealed class CallMethod<T>(MethodInfo method) : GrainMethod(method)
{
    private readonly Func<object, object?[], Task<T>> invoke = Compile<Task<T>>(method, AsTask);
    private readonly bool answersValueTask = method.ReturnType.IsValueType;
    private readonly bool copiesResult = !Copier.IsAlwaysShared(typeof(T));

    public override object Call(Node from, GrainId target, object?[] arguments)
    {
        var answer = new MethodCall(this, from, target, CopyOf(arguments)).Send(Timeout ?? from.Messaging.ResponseTimeout, TokenIn(arguments));
        return !answersValueTask ? answer : typeof(T) == typeof(Nothing) ? new ValueTask(answer) : new ValueTask<T>(answer);
    }

    private static Expression AsTask(Expression call)
    {
        if (call.Type.IsValueType) call = Expression.Call(call, nameof(ValueTask.AsTask), null);
        return call.Type == typeof(Task) ? Expression.Call(typeof(Nothing), nameof(Nothing.After), null, call) : call;
    }

    private sealed class MethodCall(CallMethod<T> method, Node from, GrainId target, object?[] arguments) : Call<T>(from, target, method.Interleaves)
    {
        protected override Task<T> Invoke(Activation activation)
        {
            method.ReplaceToken(arguments, GrainToken);
            return method.invoke(activation.Grain!, arguments);
        }

        protected override T Copy(T result) => method.copiesResult ? (T)Copier.Copy(result)! : result;
    }
}

/// <summary>The result of a method that has none.</summary>
[Immutable]
internal readonly struct Nothing
{
    public static async Task<Nothing> After(Task task)
    {
        await task;
        return default;
    }
}
