namespace Splitwiser.Bench.Devices;

/// <summary>What to compute on, and which model.</summary>
/// <param name="Kind">auto, cpu or cuda.</param>
/// <param name="Config">Model folder.</param>
internal sealed record DevicePlan(string Kind, string Config, bool RandomWeights, int Threads)
{
    /// <summary>For file names.</summary>
    public string ModelName => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Config)));
}
