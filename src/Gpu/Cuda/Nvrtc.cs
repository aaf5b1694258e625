using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Splitwiser.Gpu.Cuda;

/// <summary>NVRTC, the runtime compiler of CUDA C++.</summary>
internal static unsafe partial class Nvrtc
{
    private const string Library = NativeLibraries.Compiler;

    static Nvrtc() => NativeLibraries.Register();

    [LibraryImport(Library)] internal static partial int nvrtcVersion(out int major, out int minor);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int nvrtcCreateProgram(out nint program, string source, string name, int headerCount,
        [In] string[] headers, [In] string[] includeNames);
    [LibraryImport(Library)] internal static partial int nvrtcDestroyProgram(ref nint program);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial int nvrtcCompileProgram(nint program, int optionCount, [In] string[] options);
    [LibraryImport(Library)] internal static partial int nvrtcGetCUBINSize(nint program, out nuint size);
    [LibraryImport(Library)] internal static partial int nvrtcGetCUBIN(nint program, byte* code);
    [LibraryImport(Library)] internal static partial int nvrtcGetProgramLogSize(nint program, out nuint size);
    [LibraryImport(Library)] internal static partial int nvrtcGetProgramLog(nint program, byte* log);
    [LibraryImport(Library)] private static partial nint nvrtcGetErrorString(int result);

    internal static void Check(int result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != 0) throw new CudaException((CudaResult)result, $"{Marshal.PtrToStringUTF8(nvrtcGetErrorString(result))} from {call}");
    }
}
