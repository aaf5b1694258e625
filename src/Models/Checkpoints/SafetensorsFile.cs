using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Splitwiser.Models.Checkpoints;

/// <summary>
/// One mapped *.safetensors file: 8 bytes header length, that many bytes of JSON, then the tensors' data without gaps
/// (https://github.com/huggingface/safetensors#format). The whole header is checked before any tensor is handed out. The file
/// must not change while it is mapped.
/// </summary>
internal sealed unsafe class SafetensorsFile : IDisposable
{
    private const int LengthBytes = 8;
    private const int MostHeaderBytes = 100_000_000;   // the format's own limit

    private readonly SafeBuffer view;
    private readonly List<NativeBlock> copies = [];    // for tensors that lie at odd addresses or are transposed
    private readonly List<TakenTensor> taken = [];
    private readonly long dataStart;
    private readonly Dictionary<string, SafetensorsEntry> entries;

    /// <param name="length">Bytes of the file; the view may be rounded up to whole pages.</param>
    private SafetensorsFile(string path, SafeBuffer view, long length)
    {
        this.view = view;
        Path = path;
        var start = (byte*)view.DangerousGetHandle();
        var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(start, LengthBytes));
        var most = Math.Min(MostHeaderBytes, length - LengthBytes);
        if (headerBytes > (ulong)most)
            throw new ModelFormatException(path, "header length", $"at most {most} bytes", $"{headerBytes}");
        dataStart = LengthBytes + (long)headerBytes;
        var header = new ReadOnlySpan<byte>(start + LengthBytes, (int)headerBytes);
        if (!header.StartsWith("{"u8))
            throw new ModelFormatException(path, "header", "JSON that begins with {", header.IsEmpty ? "nothing" : $"byte 0x{header[0]:X2}");
        entries = SafetensorsEntry.ReadAll(JsonFields.Parse(path, "header", header), length - dataStart);
    }

    public string Path { get; }

    public IEnumerable<string> Names => entries.Keys;

    /// <exception cref="ModelFormatException">The file is missing, unreadable or not of this format.</exception>
    public static SafetensorsFile Open(string path)
    {
        var (view, length) = Map(path);
        try
        {
            return new SafetensorsFile(path, view, length);
        }
        catch
        {
            view.Dispose();
            throw;
        }
    }

    /// <summary>The tensor of that name and stored shape, not yet loaded, or null when the file has no such name.</summary>
    /// <param name="transposed">A matrix, handed out with its dimensions exchanged, in memory of its own.</param>
    public Tensor? Find(string name, ImmutableArray<int> shape, bool transposed = false)
    {
        if (!entries.TryGetValue(name, out var entry))
            return null;
        if (!entry.Shape.SequenceEqual(shape.Select(size => (long)size)))
            throw new ModelFormatException(Path, name, $"shape [{string.Join(", ", shape)}]", $"[{string.Join(", ", entry.Shape)}]");
        if (!Enum.TryParse<ElementType>(entry.Type, out var type))
            throw new ModelFormatException(Path, name, "F32, F16 or BF16", entry.Type);
        var offset = dataStart + entry.Start;
        var tensor = transposed ? new Tensor(name, type, [shape[1], shape[0]], Aligned(entry), 0)
            : offset % type.Size() == 0 ? new Tensor(name, type, shape, view, offset)
            : new Tensor(name, type, shape, Aligned(entry), 0);
        taken.Add(new TakenTensor(tensor, (byte*)view.DangerousGetHandle() + offset, transposed));
        return tensor;
    }

    /// <summary>Brings in the tensors that were found, in the order of the file.</summary>
    /// <param name="readThrough">Those that stay in the file, too.</param>
    public IEnumerable<long> Load(bool readThrough) => taken.Where(tensor => readThrough || tensor.IsCopied).OrderBy(tensor => tensor.Address).SelectMany(tensor => tensor.Load());

    public void Dispose()
    {
        view.Dispose();
        copies.ForEach(copy => copy.Dispose());
    }

    private NativeBlock Aligned(SafetensorsEntry entry)
    {
        var copy = new NativeBlock(entry.End - entry.Start);
        copies.Add(copy);
        return copy;
    }

    private static (SafeBuffer View, long Length) Map(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var length = file.Length;
            if (length < LengthBytes)
                throw new ModelFormatException(path, "file", "a header length of 8 bytes", $"{length} bytes in all");
            // The view outlives the mapping object and the file handle.
            using var mapping = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            return (mapping.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read).SafeMemoryMappedViewHandle, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException(path, "file", "a readable file", e.Message, e);
        }
    }
}
