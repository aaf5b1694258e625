using System.Reflection;

namespace Splitwiser.Embedded;

/// <summary>What the real engine demands of grain interfaces, so that nothing runs here that would not run there.</summary>
internal static class GrainContract
{
    public static bool IsGrainInterface(Type type) =>
        type.IsInterface && type.IsAssignableTo(typeof(IAddressable)) && type.Assembly != typeof(GrainContract).Assembly;

    public static bool IsStream(Type returned) => IsA(returned, typeof(IAsyncEnumerable<>));

    /// <exception cref="OrleansConfigurationException">The method does not answer with a task or a stream, or a value can't cross.</exception>
    public static void Check(MethodInfo method)
    {
        var name = $"{method.DeclaringType}.{method.Name}";
        var returned = method.ReturnType;
        if (returned != typeof(Task) && returned != typeof(ValueTask) && !IsA(returned, typeof(Task<>)) && !IsA(returned, typeof(ValueTask<>)) && !IsStream(returned))
            throw new OrleansConfigurationException($"{name} must return a task or an IAsyncEnumerable.");
        if (method.IsGenericMethod || method.DeclaringType!.IsGenericType)
            throw new OrleansConfigurationException($"{name}: the embedded engine has no generic grain methods.");
        var checkedTypes = new HashSet<Type>();
        if (returned.IsGenericType) Copier.Require(returned.GenericTypeArguments[0], name, checkedTypes);
        foreach (var parameter in method.GetParameters())
        {
            if (parameter.ParameterType.IsByRef) throw new OrleansConfigurationException($"{name}: {parameter.Name} is passed by reference.");
            if (parameter.ParameterType != typeof(CancellationToken)) Copier.Require(parameter.ParameterType, name, checkedTypes);
        }
    }

    private static bool IsA(Type type, Type open) => type.IsGenericType && type.GetGenericTypeDefinition() == open;
}
