using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Splitwiser.Contracts.Tests;

/// <summary>A public type as its assembly's metadata has it.</summary>
/// <param name="Shape">Interface, class or struct, abstract, sealed.</param>
/// <param name="Base">Full name.</param>
/// <param name="Usage">Where it may stand, if it is an attribute.</param>
/// <param name="Members">Methods, constructors and fields that others see, one text each.</param>
internal sealed record EmbeddedApiType(string Name, string Shape, string Base, string Usage, ImmutableHashSet<string> Interfaces, ImmutableHashSet<string> Members);

/// <summary>Reads the public types of an assembly without loading it.</summary>
internal sealed class EmbeddedApiReader
{
    private const MethodAttributes VisibilityMask = MethodAttributes.MemberAccessMask;
    private readonly MetadataReader metadata;
    private readonly EmbeddedApiSignatures signatures;

    private EmbeddedApiReader(MetadataReader metadata) => (this.metadata, signatures) = (metadata, new(metadata));

    public static Dictionary<string, EmbeddedApiType> Read(string path)
    {
        using var assembly = new PEReader(File.OpenRead(path));
        var reader = new EmbeddedApiReader(assembly.GetMetadataReader());
        return reader.metadata.TypeDefinitions.Select(reader.metadata.GetTypeDefinition).Where(reader.IsPublic).Select(reader.Describe).ToDictionary(type => type.Name);
    }

    private bool IsPublic(TypeDefinition type) => (type.Attributes & TypeAttributes.VisibilityMask) switch
    {
        TypeAttributes.Public => true,
        TypeAttributes.NestedPublic => IsPublic(metadata.GetTypeDefinition(type.GetDeclaringType())),
        _ => false,
    };

    private EmbeddedApiType Describe(TypeDefinition type) => new(
        signatures.NameOf(type),
        (type.Attributes & (TypeAttributes.Interface | TypeAttributes.Abstract | TypeAttributes.Sealed)).ToString(),
        type.BaseType.IsNil ? "" : signatures.NameOf(type.BaseType, type),
        Usage(type),
        [.. type.GetInterfaceImplementations().Select(i => signatures.NameOf(metadata.GetInterfaceImplementation(i).Interface, type))],
        [.. Methods(type), .. Fields(type)]);

    private IEnumerable<string> Methods(TypeDefinition type)
    {
        foreach (var method in type.GetMethods().Select(metadata.GetMethodDefinition))
        {
            var visibility = (method.Attributes & VisibilityMask) switch
            {
                MethodAttributes.Public => "public",
                MethodAttributes.Family or MethodAttributes.FamORAssem => "protected",
                _ => null,
            };
            if (visibility is null) continue;
            var signature = method.DecodeSignature(signatures, new(type, method));
            var kind = method.Attributes.HasFlag(MethodAttributes.Static) ? " static" : "";
            var generics = method.GetGenericParameters().Count == 0 ? "" : $"<{string.Join(", ", method.GetGenericParameters().Select(p => Constraints(p, new(type, method))))}>";
            var defaults = method.GetParameters().Select(metadata.GetParameter).Where(p => !p.GetDefaultValue().IsNil)
                .Select(p => $"{p.SequenceNumber} = {Convert.ToHexString(metadata.GetBlobBytes(metadata.GetConstant(p.GetDefaultValue()).Value))}");
            yield return $"{visibility}{kind} {signature.ReturnType} {metadata.GetString(method.Name)}{generics}({string.Join(", ", signature.ParameterTypes)}) {string.Join(", ", defaults)}".TrimEnd();
        }
    }

    private IEnumerable<string> Fields(TypeDefinition type)
    {
        foreach (var field in type.GetFields().Select(metadata.GetFieldDefinition).Where(f => (f.Attributes & FieldAttributes.FieldAccessMask) == FieldAttributes.Public))
        {
            var value = field.GetDefaultValue().IsNil ? "" : Convert.ToHexString(metadata.GetBlobBytes(metadata.GetConstant(field.GetDefaultValue()).Value));
            yield return $"{field.DecodeSignature(signatures, new(type, null))} {metadata.GetString(field.Name)} = {value}";
        }
    }

    private string Constraints(GenericParameterHandle handle, EmbeddedApiScope scope)
    {
        var parameter = metadata.GetGenericParameter(handle);
        var types = parameter.GetConstraints().Select(c => signatures.NameOf(metadata.GetGenericParameterConstraint(c).Type, scope)).Order();
        return $"{parameter.Attributes}: {string.Join(" ", types)}";
    }

    private string Usage(TypeDefinition type) => type.GetCustomAttributes().Select(metadata.GetCustomAttribute)
        .Where(a => a.Constructor.Kind == HandleKind.MemberReference && signatures.NameOf(metadata.GetMemberReference((MemberReferenceHandle)a.Constructor).Parent, type) == "System.AttributeUsageAttribute")
        .Select(a => Usage(metadata.GetBlobReader(a.Value))).SingleOrDefault("");

    /// <summary>The blob: a prolog, the targets, the count of named arguments; each of those: kind, type, name and a bool (ECMA-335 II.23.3).</summary>
    private static string Usage(BlobReader blob)
    {
        blob.ReadUInt16();
        var usage = new AttributeUsageAttribute((AttributeTargets)blob.ReadInt32());
        for (var count = blob.ReadUInt16(); count > 0; count--)
        {
            blob.ReadUInt16();
            typeof(AttributeUsageAttribute).GetProperty(blob.ReadSerializedString()!)!.SetValue(usage, blob.ReadBoolean());
        }
        return $"{usage.ValidOn}, multiple {usage.AllowMultiple}, inherited {usage.Inherited}";
    }
}
