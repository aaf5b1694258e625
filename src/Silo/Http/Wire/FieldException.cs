using System.Text.Json;

namespace Splitwiser.Silo.Http.Wire;

/// <summary>A field whose value has the wrong shape, said for the API's user. The serializer adds the field's path.</summary>
internal sealed class FieldException(string message) : JsonException(message);
