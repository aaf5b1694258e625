using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;

namespace Splitwiser.Embedded;

/// <summary>A method of a grain interface, prepared once: how its arguments cross, and how to invoke it on the grain.</summary>
internal abstract class GrainMethod
{
    private static readonly ConcurrentDictionary<MethodInfo, GrainMethod> All = new();
    private readonly bool[] copied; // by parameter
    private readonly int tokenIndex; // -1: none

    protected GrainMethod(MethodInfo method)
    {
        var parameters = method.GetParameters();
        copied = [.. parameters.Select(p => p.ParameterType != typeof(CancellationToken)
            && !p.IsDefined(typeof(ImmutableAttribute)) && !Copier.IsAlwaysShared(p.ParameterType))];
        tokenIndex = Array.FindIndex(parameters, p => p.ParameterType == typeof(CancellationToken));
        Interleaves = method.IsDefined(typeof(Orleans.Concurrency.AlwaysInterleaveAttribute));
        Timeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
    }

    public bool Interleaves { get; }

    public TimeSpan? Timeout { get; }

    /// <exception cref="OrleansConfigurationException">No grain can have such a method.</exception>
    public static GrainMethod Of(MethodInfo method) => All.GetOrAdd(method, static method =>
    {
        GrainContract.Check(method);
        var returned = method.ReturnType;
        var item = returned.IsGenericType ? returned.GenericTypeArguments[0] : typeof(Nothing);
        var kind = GrainContract.IsStream(returned) ? typeof(StreamMethod<>) : typeof(CallMethod<>);
        return (GrainMethod)Activator.CreateInstance(kind.MakeGenericType(item), method)!;
    });

    /// <returns>What the method returns: a task, or a stream.</returns>
    public abstract object Call(Node from, GrainId target, object?[] arguments);

    public CancellationToken TokenIn(object?[] arguments) => tokenIndex < 0 ? default : (CancellationToken)arguments[tokenIndex]!;

    /// <summary>Puts the grain's own token in the place of the caller's.</summary>
    public void ReplaceToken(object?[] arguments, CancellationToken token)
    {
        if (tokenIndex >= 0) arguments[tokenIndex] = token;
    }

    public bool TakesToken => tokenIndex >= 0;

    public object?[] CopyOf(object?[] arguments)
    {
        var copy = new object?[arguments.Length];
        for (var i = 0; i < copy.Length; i++) copy[i] = copied[i] ? Copier.Copy(arguments[i]) : arguments[i];
        return copy;
    }

    /// <summary>Compiles (grain, arguments) => grain.Method(arguments), passed through <paramref name="convert"/>.</summary>
    protected static Func<object, object?[], TResult> Compile<TResult>(MethodInfo method, Func<Expression, Expression> convert)
    {
        var grain = Expression.Parameter(typeof(object));
        var arguments = Expression.Parameter(typeof(object?[]));
        var call = Expression.Call(
            Expression.Convert(grain, method.DeclaringType!),
            method,
            method.GetParameters().Select((p, i) => Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(i)), p.ParameterType)));
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
        var token = TokenIn(arguments);
        var answer = new MethodCall(this, from, target, CopyOf(arguments)).Send(Timeout ?? from.Messaging.ResponseTimeout, token);
        if (!answersValueTask) return answer;
        return typeof(T) == typeof(Nothing) ? new ValueTask(answer) : new ValueTask<T>(answer);
    }

    private static Expression AsTask(Expression call)
    {
        if (call.Type.IsValueType) call = Expression.Call(call, nameof(ValueTask.AsTask), null);
        return call.Type == typeof(Task) ? Expression.Call(typeof(Nothing), nameof(Nothing.After), null, call) : call;
    }

    private sealed class MethodCall(CallMethod<T> method, Node from, GrainId target, object?[] arguments)
        : Call<T>(from, target, method.Interleaves)
    {
        protected override Task<T> Invoke(Activation activation)
        {
            if (method.TakesToken) method.ReplaceToken(arguments, GrainToken());
            return method.invoke(activation.GrainInstance!, arguments);
        }

        protected override T Copy(T result) => method.copiesResult ? (T)Copier.Copy(result)! : result;
    }
}

/// <summary>The result of a method that has none.</summary>
internal readonly struct Nothing
{
    public static async Task<Nothing> After(Task task)
    {
        await task;
        return default;
    }
}
