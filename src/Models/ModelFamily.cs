namespace Splitwiser.Models;

/// <summary>The decoder families that a model folder may hold.</summary>
public enum ModelFamily
{
    Llama,
    Mistral,
    Qwen2,
    Qwen3,
    Phi3,
    Gemma2,
    Gpt2,
    Opt,
}
