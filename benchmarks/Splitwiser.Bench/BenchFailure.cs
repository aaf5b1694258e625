using Splitwiser.Gpu;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;

namespace Splitwiser.Bench;

/// <summary>Failures that the one at the keyboard can do something about: a line, and exit code 1.</summary>
internal static class BenchFailure
{
    public static async Task<int> Told(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception known) when (known is BenchException or ModelFormatException or PhaseModeException or DeviceFaultException or DeviceRefusedException)
        {
            await Console.Error.WriteLineAsync($"error: {known.Message}");
            return 1;
        }
    }
}
