namespace Splitwiser.Grains;

/// <summary>A grain of one device. Key "silo/index"; lives on that silo.</summary>
[Alias("splitwiser.IDeviceGrain")]
public interface IDeviceGrain : IGrainWithStringKey
{
    /// <summary>The name of the silo that this activation runs on.</summary>
    [Alias("Whereabouts")]
    Task<string> Whereabouts(CancellationToken cancellationToken = default);
}
