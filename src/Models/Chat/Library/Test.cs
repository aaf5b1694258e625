using Splitwiser.Models.Chat.Values;

namespace Splitwiser.Models.Chat.Library;

/// <summary>Whether value is name(arguments).</summary>
internal delegate bool Test(Value value, Arguments arguments);
