namespace Splitwiser.Models;

/// <summary>How a vector is normalized before its weights are applied.</summary>
public enum NormKind
{
    /// <summary>x / sqrt(mean(x^2) + eps) (Zhang and Sennrich, arXiv 1910.07467)</summary>
    RootMeanSquare,

    /// <summary>(x - mean(x)) / sqrt(var(x) + eps) (Ba, Kiros and Hinton, arXiv 1607.06450)</summary>
    Layer,
}
