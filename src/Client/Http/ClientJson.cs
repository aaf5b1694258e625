using System.Text.Json.Serialization;

namespace Splitwiser.Client.Http;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CompletionCall))]
[JsonSerializable(typeof(CompletionEvent))]
internal sealed partial class ClientJson : JsonSerializerContext;
