using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Splitwiser.Contracts.Tests;

/// <summary>Whose generic parameters a signature means.</summary>
internal sealed record EmbeddedApiScope(TypeDefinition Type, MethodDefinition? Method);

/// <summary>Writes types of metadata as text: full names, generic parameters by number, so that parameters' own names don't matter.</summary>
internal sealed class EmbeddedApiSignatures(MetadataReader metadata) : ISignatureTypeProvider<string, EmbeddedApiScope>
{
    public string NameOf(TypeDefinition type)
    {
        var name = metadata.GetString(type.Name);
        if (type.IsNested) return $"{NameOf(metadata.GetTypeDefinition(type.GetDeclaringType()))}+{name}";
        return type.Namespace.IsNil ? name : $"{metadata.GetString(type.Namespace)}.{name}";
    }

    public string NameOf(EntityHandle type, TypeDefinition within) => NameOf(type, new EmbeddedApiScope(within, null));

    public string NameOf(EntityHandle type, EmbeddedApiScope scope) => type.Kind switch
    {
        HandleKind.TypeDefinition => NameOf(metadata.GetTypeDefinition((TypeDefinitionHandle)type)),
        HandleKind.TypeReference => NameOf((TypeReferenceHandle)type),
        HandleKind.TypeSpecification => metadata.GetTypeSpecification((TypeSpecificationHandle)type).DecodeSignature(this, scope),
        _ => throw new BadImageFormatException($"No type: {type.Kind}"),
    };

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode == PrimitiveTypeCode.Void ? "void" : $"System.{typeCode}";

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => NameOf(metadata.GetTypeDefinition(handle));

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => NameOf(handle);

    public string GetTypeFromSpecification(MetadataReader reader, EmbeddedApiScope genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public string GetSZArrayType(string elementType) => $"{elementType}[]";

    public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{shape.Rank}]";

    public string GetByReferenceType(string elementType) => $"ref {elementType}";

    public string GetPointerType(string elementType) => $"{elementType}*";

    public string GetPinnedType(string elementType) => elementType;

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => $"{unmodifiedType} {modifier}";

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(", ", typeArguments)}>";

    public string GetGenericTypeParameter(EmbeddedApiScope genericContext, int index) => $"!{index}";

    public string GetGenericMethodParameter(EmbeddedApiScope genericContext, int index) => $"!!{index}";

    public string GetFunctionPointerType(MethodSignature<string> signature) => "function pointer";

    private string NameOf(TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        var name = metadata.GetString(type.Name);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference) return $"{NameOf((TypeReferenceHandle)type.ResolutionScope)}+{name}";
        return type.Namespace.IsNil ? name : $"{metadata.GetString(type.Namespace)}.{name}";
    }
}
