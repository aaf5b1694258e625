using System.Security.Cryptography;

namespace Splitwiser.Gpu.Cuda;

/// <summary>One compiled kernel file on disk: its SHA-256, then the cubin.</summary>
internal sealed class CubinCacheEntry(string folder, string file, string key)
{
    private readonly string path = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(file)}-{key[..32]}.cubin");

    /// <summary>False when it is absent or damaged.</summary>
    public bool TryRead(out byte[] cubin)
    {
        cubin = [];
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (IOException)
        {
            return false;
        }
        if (content.Length <= SHA256.HashSizeInBytes) return false;
        var body = content.AsSpan(SHA256.HashSizeInBytes);
        if (!SHA256.HashData(body).AsSpan().SequenceEqual(content.AsSpan(0, SHA256.HashSizeInBytes))) return false;
        cubin = body.ToArray();
        return true;
    }

    /// <summary>Written beside and renamed, so that no other process sees half of it. A cache that can't be written is no error.</summary>
    public void Write(ReadOnlySpan<byte> cubin)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var temporary = $"{path}.{Guid.NewGuid():N}";
            using (var stream = File.Create(temporary))
            {
                stream.Write(SHA256.HashData(cubin));
                stream.Write(cubin);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
