using Splitwiser.Models;

namespace Splitwiser.Silo.Hosting;

/// <summary>A model's weights in main memory for as long as somebody computes with them or copies them; read again for who comes after.</summary>
internal sealed class WeightLoan(Func<IProgress<LoadProgress>?, DecoderWeights> load)
{
    private readonly Lock gate = new(); // held while they are read: whoever comes then waits for the same
    private DecoderWeights? weights;
    private int holders;

    /// <summary>Each needs one <see cref="Give"/>.</summary>
    /// <exception cref="ModelFormatException">A file or tensor is missing, broken or of the wrong shape or type.</exception>
    public DecoderWeights Take(IProgress<LoadProgress>? progress = null)
    {
        lock (gate)
        {
            weights ??= load(progress);
            holders++;
            return weights;
        }
    }

    public void Give()
    {
        lock (gate)
        {
            if (--holders > 0)
                return;
            weights!.Dispose();
            weights = null;
        }
    }
}
