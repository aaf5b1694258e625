using System.Text.Json.Serialization;

namespace Splitwiser.Client.Http;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CompletionCall))]
[JsonSerializable(typeof(CompletionEvent))]
[JsonSerializable(typeof(ModelCards))]
[JsonSerializable(typeof(DeviceCards))]
[JsonSerializable(typeof(ModelCard))]
[JsonSerializable(typeof(DeviceCard))]
internal sealed partial class ClientJson : JsonSerializerContext;
