using Splitwiser.Gpu.Kv;

namespace Splitwiser.Gpu.Phases;

/// <summary>Pages that are copied together.</summary>
/// <param name="Restored">Whose pages they become, for copies in; its phase may change while they are under way.</param>
internal sealed record CopyJob(CopyDirection Direction, PageCopy[] Copies, Generation? Restored = null);
