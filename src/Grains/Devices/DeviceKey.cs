using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Splitwiser.Grains;

/// <summary>Names a device in the cluster: "silo/index", the key of its grains.</summary>
internal readonly record struct DeviceKey(string Silo, int Index)
{
    public static bool TryParse([NotNullWhen(true)] string? text, out DeviceKey key)
    {
        var slash = text?.LastIndexOf('/') ?? -1;
        if (slash > 0 && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            key = new(text![..slash], index);
            return true;
        }

        key = default;
        return false;
    }

    /// <summary>The silo's name in a device's key.</summary>
    public static ReadOnlySpan<char> SiloOf(string device) => device.AsSpan(0, Math.Max(0, device.LastIndexOf('/')));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Silo}/{Index}");
}
