using Splitwiser.Gpu.Cuda;

namespace Splitwiser.Gpu.Tests.Emulation;

/// <summary>A tensor map as host_shim.h reads it.</summary>
internal static unsafe class HostMap
{
    public static TensorMap Of(ulong address, int rows, int columns, int boxRows)
    {
        var map = new TensorMap();
        (map.Opaque[0], map.Opaque[1], map.Opaque[2], map.Opaque[3]) = (address, (ulong)rows, (ulong)columns, (ulong)boxRows);
        return map;
    }
}
