using System.Collections.Immutable;
using System.Reflection;

namespace Splitwiser.Contracts.Tests;

/// <summary>The rules for what crosses calls: primitives, and immutable records of ours with an id on every member, all the way down.</summary>
internal sealed class WireTypes
{
    private static readonly HashSet<Type> Leaves = [typeof(string), typeof(decimal), typeof(Guid), typeof(TimeSpan), typeof(DateTimeOffset)];

    public HashSet<Type> Checked { get; } = [];

    public List<string> Violations { get; } = [];

    public void CheckValue(Type type, string where)
    {
        if (type.IsPrimitive || type.IsEnum || Leaves.Contains(type) || !Checked.Add(type)) return;
        if (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(Nullable<>) || type.GetGenericTypeDefinition() == typeof(ImmutableArray<>)))
        {
            CheckValue(type.GenericTypeArguments[0], where);
            return;
        }
        Demand(IsRecord(type), $"{type} in {where} is neither a primitive nor a record");
        Demand(type.IsSealed, $"{type} in {where} is not sealed");
        Demand(type.IsDefined(typeof(ImmutableAttribute), false), $"{type} in {where} has no [Immutable]");
        CheckMembers(type);
    }

    public void CheckException(Type type)
    {
        Demand(type.BaseType == typeof(Exception), $"{type} has a base of its own");
        CheckMembers(type);
    }

    private void CheckMembers(Type type)
    {
        Demand(type.IsDefined(typeof(GenerateSerializerAttribute), false), $"{type} has no [GenerateSerializer]");
        Demand(type.IsDefined(typeof(AliasAttribute), false), $"{type} has no [Alias]");
        var ids = new HashSet<uint>();
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        {
            var id = Property(type, field)?.GetCustomAttribute<IdAttribute>() ?? field.GetCustomAttribute<IdAttribute>();
            Demand(id is not null, $"{type}.{field.Name} has no [Id]");
            Demand(id is null || ids.Add(id.Id), $"{type} has the id {id?.Id} twice");
            CheckValue(field.FieldType, $"{type}.{field.Name}");
        }
    }

    private static PropertyInfo? Property(Type type, FieldInfo field) => field.Name.StartsWith('<')
        ? type.GetProperty(field.Name[1..field.Name.IndexOf('>')], BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        : null;

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is not null;

    private void Demand(bool met, string violation)
    {
        if (!met) Violations.Add(violation);
    }
}
