namespace Splitwiser.Models;

/// <summary>How far loading weights has come, in bytes of the tensors that the model uses.</summary>
public readonly record struct LoadProgress(long BytesLoaded, long TotalBytes);
