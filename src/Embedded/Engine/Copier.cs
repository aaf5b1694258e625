namespace Splitwiser.Embedded;

/// <summary>Copies what crosses a call, so that caller and grain share nothing that changes. Copies carry the members with an
/// <see cref="IdAttribute"/> and a record's parameters; the rest stays behind, as on a real wire.</summary>
internal static class Copier
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private static readonly ConcurrentDictionary<Type, bool> Shared = new();
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Members = new();

    private static readonly HashSet<Type> Leaves =
    [
        typeof(string), typeof(decimal), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan),
        typeof(Uri), typeof(Version), typeof(Half), typeof(Int128), typeof(UInt128), typeof(IPAddress), typeof(IPEndPoint), typeof(CancellationToken),
    ];

    /// <summary>Copied by all their fields.</summary>
    private static readonly Type[] Containers =
        [typeof(Nullable<>), typeof(List<>), typeof(Dictionary<,>), typeof(ImmutableArray<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>)];

    /// <summary>Whether no value that a variable of this type can hold needs a copy.</summary>
    public static bool IsAlwaysShared(Type type) => type.IsSealed && IsShared(type);
    public static bool IsAnnotated(Type type) => type.IsDefined(typeof(GenerateSerializerAttribute), false);

    /// <summary>Whether the real engine has a way to send the type's values; for an object that shows only with the value.</summary>
    public static bool CanCross(Type type, HashSet<Type> known)
    {
        if (!known.Add(type) || type == typeof(object) || type.IsAssignableTo(typeof(Exception)) || IsLeaf(type)) return true;
        if (type.IsArray) return CanCross(type.GetElementType()!, known);
        if (IsContainer(type)) return type.GenericTypeArguments.All(part => CanCross(part, known));
        return IsAnnotated(type) ? MembersOf(type).All(member => CanCross(member.FieldType, known)) : type == typeof(Nothing);
    }

    public static object? Copy(object? value) => value is null || IsShared(value.GetType()) ? value : Copy(value, new(ReferenceEqualityComparer.Instance));

    public static void CopyMembers(object from, object to, Dictionary<object, object> copies)
    {
        foreach (var member in MembersOf(from.GetType())) member.SetValue(to, Copy(member.GetValue(from), copies));
    }

    private static object? Copy(object? value, Dictionary<object, object> copies)
    {
        if (value is null || IsShared(value.GetType())) return value;
        if (copies.TryGetValue(value, out var known)) return known;
        if (value is Exception error) return Fault.Copy(error);
        var type = value.GetType();
        if (value is Array array)
        {
            var items = (Array)array.Clone();
            copies.Add(value, items);
            for (var i = 0; i < items.Length; i++) items.SetValue(Copy(items.GetValue(i), copies), i);
            return items;
        }
        if (!IsAnnotated(type) && !IsContainer(type)) throw new CodecNotFoundException($"{type} can't cross calls. It needs [GenerateSerializer].");
        var twin = type.GetConstructor(Type.EmptyTypes) is { } constructor ? constructor.Invoke(null) : RuntimeHelpers.GetUninitializedObject(type);
        copies.Add(value, twin);
        CopyMembers(value, twin, copies);
        return twin;
    }

    private static bool IsShared(Type type) => Shared.GetOrAdd(type, static type =>
        IsLeaf(type) || type.IsDefined(typeof(ImmutableAttribute), false) || type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEqualityComparer<>))
        || (IsContainer(type) && type.IsValueType && type.GenericTypeArguments.All(IsAlwaysShared)));

    private static bool IsLeaf(Type type) => type.IsPrimitive || type.IsEnum || Leaves.Contains(type);

    private static bool IsContainer(Type type) =>
        type.IsGenericType && (Containers.Contains(type.GetGenericTypeDefinition()) || (type.DeclaringType is { } outer && Containers.Contains(outer)));

    private static FieldInfo[] MembersOf(Type type) => Members.GetOrAdd(type, static type =>
    {
        var members = new List<FieldInfo>();
        for (var level = type; level is not null && (IsAnnotated(level) || IsContainer(level)); level = level.BaseType)
        {
            var isRecord = level.GetMethod("PrintMembers", Own) is not null;
            var parameters = isRecord ? level.GetConstructors(Own).SelectMany(c => c.GetParameters()).Select(p => p.Name!).ToHashSet() : [];
            var crossing = level.GetProperties(Own).Where(p => p.IsDefined(typeof(IdAttribute)) || parameters.Contains(p.Name)).Select(p => $"<{p.Name}>k__BackingField").ToHashSet();
            members.AddRange(level.GetFields(Own).Where(f => IsContainer(level) || f.IsDefined(typeof(IdAttribute)) || crossing.Contains(f.Name)));
        }
        return [.. members];
    });
}
