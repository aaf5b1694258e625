namespace Splitwiser.Gpu.Kv;

/// <summary>Names the pages of one sequence. An id of an older incarnation of the device is refused.</summary>
/// <param name="Incarnation">Drawn when the device worker started.</param>
/// <param name="Number">Counts up within the incarnation.</param>
public readonly record struct LeaseId(long Incarnation, long Number);
