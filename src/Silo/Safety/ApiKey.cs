using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Splitwiser.Silo.Safety;

/// <summary>Who may call, and how much. Of the key itself only the SHA-256 is kept: keys are long and random, so it can't be turned back.</summary>
/// <param name="Name">For logs.</param>
/// <param name="Hash">32 bytes.</param>
/// <param name="RequestsPerMinute">Null for no limit.</param>
/// <param name="MaxConcurrent">Requests that may run at a time; null for no limit.</param>
internal sealed record ApiKey(string Name, ImmutableArray<byte> Hash, int? RequestsPerMinute, int? MaxConcurrent)
{
    public const int HashSize = SHA256.HashSizeInBytes;

    public static ImmutableArray<byte> HashOf(string key) => [.. SHA256.HashData(Encoding.UTF8.GetBytes(key))];

    /// <summary>A new random key, 256 bits, in a form that survives headers, shells and URLs.</summary>
    public static string New() => $"sk-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(HashSize))}";
}
