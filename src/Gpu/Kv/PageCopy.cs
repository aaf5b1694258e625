namespace Splitwiser.Gpu.Kv;

/// <summary>A page of the device and the page of main memory that it is copied to or from.</summary>
public readonly record struct PageCopy(PageId Page, HostPageId HostPage);

public enum CopyDirection
{
    /// <summary>From the device to main memory.</summary>
    Out,

    /// <summary>From main memory to the device.</summary>
    In,
}
