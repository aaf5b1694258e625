using Splitwiser.Gpu;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Grains;

/// <summary>A door to one device worker of this silo: finds it, asks it, and says its errors in the wire's words.</summary>
internal abstract class DeviceGrain(LocalDevices devices, ILocalSiloDetails silo) : Grain, IDeviceGrain
{
    public Task<string> Whereabouts(CancellationToken cancellationToken) => Task.FromResult(silo.Name);

    protected T Ask<T>(Func<DeviceWorker, T> question)
    {
        try
        {
            return question(Worker);
        }
        catch (Exception error) when (DeviceErrors.TryTranslate(error, Device) is { } said)
        {
            throw said;
        }
    }

    protected async Task<T> AskAsync<T>(Func<DeviceWorker, ValueTask<T>> question)
    {
        try
        {
            return await question(Worker);
        }
        catch (Exception error) when (DeviceErrors.TryTranslate(error, Device) is { } said)
        {
            throw said;
        }
    }

    protected string Device => this.GetPrimaryKeyString();

    private DeviceWorker Worker => devices.TryGet(Device, out var worker) ? worker : throw new DeviceGoneException(Device, $"no device of {silo.Name}.");
}
