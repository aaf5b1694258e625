using System.Runtime.InteropServices;

namespace Splitwiser.Models.Checkpoints;

/// <summary>Native memory of our own, aligned to 64 bytes, not cleared.</summary>
internal sealed unsafe class NativeBlock : SafeBuffer
{
    public NativeBlock(long bytes) : base(ownsHandle: true)
    {
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), 64));
        Initialize((ulong)bytes);
    }

    public byte* Data => (byte*)handle;

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
