using System.Collections.Immutable;

namespace Splitwiser.Models.Checkpoints;

/// <summary>Hands out weight tensors by their names in the checkpoint and owns the memory they point into.</summary>
internal interface ITensorSource : IDisposable
{
    /// <exception cref="ModelFormatException">No such tensor, or not of this shape or of a float type.</exception>
    Tensor Take(string name, params ImmutableArray<int> shape);

    /// <summary>As <see cref="Take"/>, but null when the source has no such tensor.</summary>
    Tensor? Find(string name, params ImmutableArray<int> shape);
}
