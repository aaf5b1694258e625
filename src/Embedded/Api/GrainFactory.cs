using System.Globalization;

namespace Orleans;

/// <summary>Makes references to grains. A reference is cheap and needs no activation.
/// Throws <see cref="ArgumentException"/> when no class implements the interface, or when several do and the prefix of a class name does not tell which.</summary>
public interface IGrainFactory
{
    TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithGuidKey;
    TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithIntegerKey;
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithStringKey;
}

/// <summary>A way into the cluster: from inside a silo, or from a client beside it.</summary>
public interface IClusterClient : IGrainFactory;

/// <summary>What a grain, or a reference to one, says of itself.</summary>
public static class GrainExtensions
{
    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.GrainId,
        Grain { Activation: { } activation } => activation.GrainId,
        _ => throw new ArgumentException("It is neither an active grain nor a reference to one.", nameof(grain)),
    };

    public static Guid GetPrimaryKey(this IAddressable grain) => Guid.ParseExact(grain.GetPrimaryKeyString(), "N");
    public static long GetPrimaryKeyLong(this IAddressable grain) => long.Parse(grain.GetPrimaryKeyString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString();
}
