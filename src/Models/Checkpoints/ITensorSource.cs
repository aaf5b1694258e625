using System.Collections.Immutable;

namespace Splitwiser.Models.Checkpoints;

/// <summary>Hands out weight tensors by their names in the checkpoint, brings their bytes in, and owns the memory that holds them.</summary>
internal interface ITensorSource : IDisposable
{
    /// <exception cref="ModelFormatException">No such tensor, or not of this shape or of a float type.</exception>
    Tensor Take(string name, params ImmutableArray<int> shape);

    /// <summary>As <see cref="Take"/>, but null when the source has no such tensor.</summary>
    Tensor? Find(string name, params ImmutableArray<int> shape);

    /// <summary>Takes a matrix that is stored as (inputs, outputs), as (outputs, inputs).</summary>
    /// <exception cref="ModelFormatException">As in <see cref="Take"/>.</exception>
    Tensor TakeTransposed(string name, int inputs, int outputs);

    /// <summary>Whether the source has a tensor of that name.</summary>
    bool Has(string name);

    /// <summary>
    /// Brings the bytes of all tensors taken so far into memory, once each; only then are they to be read. Yields the bytes of
    /// every piece as it is done.
    /// </summary>
    /// <param name="readThrough">False leaves out what would be read only to have it in memory.</param>
    IEnumerable<long> Load(bool readThrough);
}
