namespace Splitwiser.Models.Families;

/// <summary>
/// What Qwen2 and Qwen3 share: layer_types, or else every layer from max_window_layers on, attends to the sliding window, but
/// only with use_sliding_window.
/// </summary>
internal abstract class QwenFamily(ModelFamily id, string modelType, string architecture) : LlamaLikeFamily(id, modelType, architecture, maxPositions: 32768)
{
    public override ModelConfig ReadConfig(JsonFields config)
    {
        var read = base.ReadConfig(config);
        var window = !config.Flag("use_sliding_window", false) ? null
            : config.IsAbsent("sliding_window") ? 4096
            : config.FindInt("sliding_window", 1, int.MaxValue);
        var firstWindowed = config.FindInt("max_window_layers", 0, int.MaxValue) ?? 28;
        var windowed = WindowedLayers(config, read.LayerCount)
            ?? [.. Enumerable.Range(0, read.LayerCount).Select(layer => window is not null && layer >= firstWindowed)];
        if (!windowed.Contains(true))
            return read;
        return window is not null
            ? read with { SlidingWindow = window, WindowedLayers = windowed }
            : throw config.Wrong("layer_types", "full_attention only, without use_sliding_window and sliding_window", "sliding_attention");
    }
}
