using Splitwiser.Gpu;
using Splitwiser.Gpu.Phases;

namespace Splitwiser.Grains;

/// <summary>The one place where a device's errors become those of the wire. They carry no inner exception: the wire knows only our own.</summary>
internal static class DeviceErrors
{
    /// <summary>Null for what is no error of a device: a cancellation, or a bug.</summary>
    public static Exception? TryTranslate(Exception error, string device) => error switch
    {
        DeviceFaultException fault => new DeviceGoneException(device, fault.Message),
        DeviceRefusedException refused => Refusal(refused, device),
        LeaseExpiredException expired => new LeaseGoneException(LeaseLoss.Expired, expired.Message),
        GrammarStuckException stuck => new LeaseGoneException(LeaseLoss.Stuck, stuck.Message),
        ReaderSupersededException superseded => new LeaseGoneException(LeaseLoss.Superseded, superseded.Message),
        _ => null,
    };

    private static Exception Refusal(DeviceRefusedException refused, string device) => refused.Reason switch
    {
        DeviceRefusal.Invalid or DeviceRefusal.Unserved => new RequestRefusedException(RefusalReason.InvalidRequest, refused.Message),
        DeviceRefusal.TooLong or DeviceRefusal.NeverFits => new RequestRefusedException(RefusalReason.ContextOverflow, refused.Message, "prompt"),
        DeviceRefusal.PinLimit => new RequestRefusedException(RefusalReason.InvalidRequest, refused.Message, "prefix"),
        DeviceRefusal.QueueFull => new RequestRefusedException(RefusalReason.QueueFull, refused.Message, retryAfter: refused.RetryAfter),
        DeviceRefusal.UnknownLease or DeviceRefusal.StaleLease => new LeaseGoneException(LeaseLoss.Unknown, refused.Message),
        _ => new DeviceGoneException(device, refused.Message),
    };
}
