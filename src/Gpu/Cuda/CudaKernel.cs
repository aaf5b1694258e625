namespace Splitwiser.Gpu.Cuda;

/// <summary>One kernel. Its parameters are one blittable struct, passed by value.</summary>
internal sealed unsafe class CudaKernel(string name, nint kernel, CudaDevice device)
{
    /// <summary>Shared memory above this needs the kernel's leave.</summary>
    private const int DefaultSharedBytes = 48 * 1024;

    private int sharedBytesAllowed = DefaultSharedBytes;

    public string Name => name;
    public int Registers => Attribute(FunctionAttribute.NumRegs);
    public int LocalBytes => Attribute(FunctionAttribute.LocalSizeBytes);

    /// <summary>Size of the parameter struct that the compiled kernel takes.</summary>
    public int ParameterBytes
    {
        get
        {
            Cuda.Check(CudaDriver.cuKernelGetParamInfo(kernel, 0, out _, out var size));
            return (int)size;
        }
    }

    /// <summary>Raises the limit of dynamic shared memory; once, before the first launch that needs it.</summary>
    public CudaKernel AllowShared(int bytes)
    {
        if (bytes <= sharedBytesAllowed) return this;
        Cuda.Check(CudaDriver.cuKernelSetAttribute(FunctionAttribute.MaxDynamicSharedSizeBytes, bytes, kernel, device.Ordinal), $"shared memory of {name}, {bytes} bytes");
        sharedBytesAllowed = bytes;
        return this;
    }

    /// <summary>To the device now, not with its first launch.</summary>
    public void Load()
    {
        Cuda.Check(CudaDriver.cuKernelGetFunction(out var function, kernel), name);
        Cuda.Check(CudaDriver.cuFuncLoad(function), name);
    }

    /// <param name="overlap">Lets the kernel's start overlap the end of the one before it; the kernel waits for it by griddepcontrol.</param>
    public void Launch<T>(CudaStream stream, Grid grid, int threads, in T parameters, int sharedBytes = 0, bool overlap = false) where T : unmanaged =>
        Launch(stream, grid, threads, parameters, sharedBytes, LaunchAttribute.ProgrammaticStreamSerialization, overlap && device.ComputeCapability >= 90);

    /// <summary>All blocks are resident at once, so that they may wait for each other; the grid must fit the device.</summary>
    public void LaunchTogether<T>(CudaStream stream, Grid grid, int threads, in T parameters, int sharedBytes) where T : unmanaged =>
        Launch(stream, grid, threads, parameters, sharedBytes, LaunchAttribute.Cooperative, true);

    private void Launch<T>(CudaStream stream, Grid grid, int threads, in T parameters, int sharedBytes, int attributeId, bool attributed) where T : unmanaged
    {
        var attribute = new LaunchAttribute { Id = attributeId, Value = 1 };
        var config = new LaunchConfig
        {
            GridX = (uint)grid.X, GridY = (uint)grid.Y, GridZ = (uint)grid.Z,
            BlockX = (uint)threads, BlockY = 1, BlockZ = 1,
            SharedBytes = (uint)sharedBytes,
            Stream = stream.Handle,
            Attributes = &attribute,
            AttributeCount = attributed ? 1u : 0,
        };
        fixed (T* pointer = &parameters)
        {
            void* argument = pointer;
            Cuda.Check(CudaDriver.cuLaunchKernelEx(&config, kernel, &argument, null), name);
        }
    }

    private int Attribute(FunctionAttribute attribute)
    {
        Cuda.Check(CudaDriver.cuKernelGetAttribute(out var value, attribute, kernel, device.Ordinal));
        return value;
    }
}

/// <summary>Blocks of a launch.</summary>
internal readonly record struct Grid(int X, int Y = 1, int Z = 1);
