using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Library;

/// <summary>What value | name(arguments) gives.</summary>
internal delegate Value Filter(Value value, Arguments arguments, RenderState state);
