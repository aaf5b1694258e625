using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.Serialization;

namespace Splitwiser.Embedded;

/// <summary>Copies what crosses a call, so that caller and grain share nothing that changes. Copies carry the members with an
/// <see cref="IdAttribute"/> and a record's parameters; the rest stays behind, as on a real wire.</summary>
internal static class Copier
{
    private static readonly HashSet<Type> Leaves =
    [
        typeof(string), typeof(decimal), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan),
        typeof(Uri), typeof(Version), typeof(Half), typeof(Int128), typeof(UInt128), typeof(IPAddress), typeof(IPEndPoint), typeof(Nothing),
    ];

    private static readonly Type[] Containers =
        [typeof(Nullable<>), typeof(List<>), typeof(Dictionary<,>), typeof(ImmutableArray<>), typeof(ImmutableDictionary<,>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>)];

    private static readonly ConcurrentDictionary<Type, bool> Shared = new();
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Members = new();

    /// <summary>Whether no value that a variable of this type can hold needs a copy.</summary>
    public static bool IsAlwaysShared(Type type) => (type.IsSealed || type.IsValueType) && IsShared(type);

    public static object? Copy(object? value) => Copy(value, new(ReferenceEqualityComparer.Instance));

    /// <summary>Throws if values of the type can't cross calls on the real engine.</summary>
    public static void Require(Type type, string where, HashSet<Type> seen)
    {
        if (!seen.Add(type) || IsLeaf(type) || type == typeof(object) || type.IsAssignableTo(typeof(Exception))) return;
        if (type.IsArray) Require(type.GetElementType()!, where, seen);
        else if (IsContainer(type)) foreach (var part in type.GenericTypeArguments) Require(part, where, seen);
        else if (IsAnnotated(type)) foreach (var member in MembersOf(type)) Require(member.FieldType, where, seen);
        else if (!type.IsDefined(typeof(ImmutableAttribute), false) || type.Assembly != typeof(Copier).Assembly)
            throw new OrleansConfigurationException($"{where}: {type} can't cross calls. It needs [GenerateSerializer].");
    }

    public static bool IsAnnotated(Type type) => type.IsDefined(typeof(GenerateSerializerAttribute), false);

    /// <summary>Copies the members that cross from one object to another of the same type.</summary>
    public static void CopyMembers(object from, object to, Dictionary<object, object> copies)
    {
        foreach (var member in MembersOf(from.GetType())) member.SetValue(to, Copy(member.GetValue(from), copies));
    }

    private static object? Copy(object? value, Dictionary<object, object> copies)
    {
        if (value is null || IsShared(value.GetType())) return value;
        if (copies.TryGetValue(value, out var known)) return known;
        var type = value.GetType();
        switch (value)
        {
            case Exception error:
                return Fault.Copy(error);
            case Array array when type.GetArrayRank() == 1:
                var items = Array.CreateInstance(type.GetElementType()!, array.Length);
                copies.Add(value, items);
                for (var i = 0; i < array.Length; i++) items.SetValue(Copy(array.GetValue(i), copies), i);
                return items;
            case IList list when IsOpen(type, typeof(List<>)):
                var copy = (IList)Activator.CreateInstance(type)!;
                copies.Add(value, copy);
                foreach (var item in list) copy.Add(Copy(item, copies));
                return copy;
            case IDictionary map when IsOpen(type, typeof(Dictionary<,>)):
                var pairs = (IDictionary)Activator.CreateInstance(type, type.GetProperty("Comparer")!.GetValue(value))!;
                copies.Add(value, pairs);
                foreach (DictionaryEntry pair in map) pairs.Add(Copy(pair.Key, copies)!, Copy(pair.Value, copies));
                return pairs;
        }
        if (!IsAnnotated(type) && !IsContainer(type)) throw new CodecNotFoundException($"{type} can't cross calls. It needs [GenerateSerializer].");
        var twin = type.GetConstructor(Type.EmptyTypes) is { } constructor ? constructor.Invoke(null) : RuntimeHelpers.GetUninitializedObject(type);
        if (!type.IsValueType) copies.Add(value, twin);
        CopyMembers(value, twin, copies);
        return twin;
    }

    private static bool IsShared(Type type) => Shared.GetOrAdd(type, static type =>
        IsLeaf(type) || type.IsDefined(typeof(ImmutableAttribute), false) || (IsContainer(type) && type.IsValueType && type.GenericTypeArguments.All(IsAlwaysShared)));

    private static bool IsLeaf(Type type) => type.IsPrimitive || type.IsEnum || Leaves.Contains(type);

    private static bool IsContainer(Type type) => type.IsGenericType && Containers.Contains(type.GetGenericTypeDefinition());

    private static bool IsOpen(Type type, Type open) => type.IsGenericType && type.GetGenericTypeDefinition() == open;

    private static FieldInfo[] MembersOf(Type type) => Members.GetOrAdd(type, static type =>
    {
        const BindingFlags own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var members = new List<FieldInfo>();
        for (var level = type; level is not null && (IsAnnotated(level) || IsContainer(level)); level = level.BaseType)
        {
            var isRecord = level.GetMethod("PrintMembers", own) is not null;
            var parameters = isRecord ? level.GetConstructors(own).SelectMany(c => c.GetParameters()).Select(p => p.Name!).ToHashSet() : [];
            var crossing = level.GetProperties(own).Where(p => p.IsDefined(typeof(IdAttribute)) || parameters.Contains(p.Name)).Select(p => $"<{p.Name}>k__BackingField").ToHashSet();
            members.AddRange(level.GetFields(own).Where(f => IsContainer(level) || f.IsDefined(typeof(IdAttribute)) || crossing.Contains(f.Name)));
        }
        return [.. members];
    });
}
