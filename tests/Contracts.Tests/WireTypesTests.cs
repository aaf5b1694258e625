using System.Reflection;

namespace Splitwiser.Contracts.Tests;

/// <summary>What crosses calls does so on the real engine as well: the rules of its serializer, and our own narrower ones.</summary>
public sealed class WireTypesTests
{
    private static readonly Assembly[] Assemblies = [typeof(IRequestGrain).Assembly, typeof(Grains.IPrefillGrain).Assembly];

    private static readonly Type[] Interfaces = [.. Assemblies.SelectMany(a => a.GetTypes()).Where(t => t.IsInterface && t.IsAssignableTo(typeof(IAddressable)))];

    private static IEnumerable<MethodInfo> Methods => Interfaces.SelectMany(i => i.GetMethods());

    [Fact]
    public void The_walk_meets_every_grain() =>
        new[] { "IRequestGrain", "IDeviceDirectoryGrain", "IPrefillGrain", "IDecodeGrain", "IKvCacheGrain" }.ShouldBeSubsetOf(Interfaces.Select(i => i.Name));

    [Fact]
    public void Each_interface_and_each_method_has_a_name_on_the_wire()
    {
        Interfaces.Cast<MemberInfo>().Concat(Methods).Where(m => !m.IsDefined(typeof(AliasAttribute), false)).ShouldBeEmpty();
        Interfaces.Select(i => i.GetCustomAttribute<AliasAttribute>()!.Alias).ShouldBeUnique();
        foreach (var contract in Interfaces) contract.GetMethods().Select(m => m.GetCustomAttribute<AliasAttribute>()!.Alias).ShouldBeUnique();
    }

    [Fact]
    public void Each_method_answers_with_a_task_or_a_stream_and_takes_a_token_last()
    {
        Type[] answers = [typeof(Task), typeof(Task<>), typeof(ValueTask), typeof(ValueTask<>), typeof(IAsyncEnumerable<>)];
        Methods.Where(m => !answers.Contains(m.ReturnType.IsGenericType ? m.ReturnType.GetGenericTypeDefinition() : m.ReturnType)).ShouldBeEmpty();
        Methods.Where(m => m.GetParameters().LastOrDefault()?.ParameterType != typeof(CancellationToken)).ShouldBeEmpty();
        Methods.Where(m => m.GetParameters().Count(p => p.ParameterType == typeof(CancellationToken)) > 1 || m.IsGenericMethod).ShouldBeEmpty();
    }

    [Fact]
    public void Each_parameter_and_each_answer_is_a_value_of_ours_or_a_primitive()
    {
        var rules = new WireTypes();
        foreach (var method in Methods)
        {
            var where = $"{method.DeclaringType!.Name}.{method.Name}";
            foreach (var parameter in method.GetParameters().Where(p => p.ParameterType != typeof(CancellationToken))) rules.CheckValue(parameter.ParameterType, where);
            foreach (var answer in method.ReturnType.GenericTypeArguments) rules.CheckValue(answer, where);
        }
        rules.Violations.ShouldBeEmpty();
        rules.Checked.ShouldContain(typeof(TokenChunk));
    }

    [Fact]
    public void Each_exception_that_may_leave_a_grain_can_cross_with_all_its_members()
    {
        var rules = new WireTypes();
        Type[] exceptions = [.. Assemblies.SelectMany(a => a.GetTypes()).Where(t => t.IsAssignableTo(typeof(Exception)) && (t.IsPublic || t.IsDefined(typeof(GenerateSerializerAttribute))))];
        exceptions.ShouldContain(typeof(RequestRefusedException));
        foreach (var exception in exceptions) rules.CheckException(exception);
        rules.Violations.ShouldBeEmpty();
    }

    [Fact]
    public void No_two_values_have_one_name_on_the_wire() => Assemblies.SelectMany(a => a.GetTypes())
        .Where(t => t.Namespace?.StartsWith("Splitwiser", StringComparison.Ordinal) == true)   // not what a code generator adds
        .Select(t => t.GetCustomAttribute<AliasAttribute>()?.Alias).OfType<string>().ShouldBeUnique();

    [Fact]
    public void The_rules_find_what_may_not_cross()
    {
        foreach (var type in (Type[])[typeof(int[]), typeof(List<int>), typeof(Action), typeof(object), typeof(Uri), typeof(WireTypesTests), typeof(Careless)])
        {
            var rules = new WireTypes();
            rules.CheckValue(type, "test");
            rules.Violations.ShouldNotBeEmpty(type.Name);
        }
    }

    /// <summary>A member has no id.</summary>
    [GenerateSerializer, Immutable, Alias("tests.careless")]
    internal sealed record Careless([property: Id(0)] int Kept, [field: NonSerialized] int Lost);
}
