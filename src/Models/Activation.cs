namespace Splitwiser.Models;

/// <summary>What bends a layer's MLP.</summary>
public enum Activation
{
    /// <summary>x / (1 + e^-x)</summary>
    Silu,

    /// <summary>x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, the approximation that GPT-2 was trained with (arXiv 1606.08415).</summary>
    GeluTanh,

    /// <summary>x (1 + erf(x / sqrt(2))) / 2</summary>
    Gelu,

    /// <summary>max(x, 0)</summary>
    Relu,
}
