using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Safety;

/// <summary>The keys that callers may show: those of --api-key, and the hashed ones of the section "Splitwiser:ApiKeys". None lets everybody in.</summary>
internal sealed class ApiKeys
{
    /// <summary>The section below <see cref="SplitwiserOptions.Section"/>: a list of { Name, Sha256, RequestsPerMinute, MaxConcurrent }.</summary>
    public const string Key = "ApiKeys";

    private readonly ImmutableArray<Caller> callers;

    private ApiKeys(ImmutableArray<ApiKey> keys, SplitwiserOptions options, TimeProvider time)
    {
        callers = [.. keys.Select(key => new Caller(key, time))];
        Everybody = new(new("everybody", [], options.RequestsPerMinute, options.MaxConcurrentRequests), time);
    }

    public bool IsRequired => !callers.IsEmpty;

    /// <summary>Stands for all callers of a silo without keys: its limits hold for them together.</summary>
    public Caller Everybody { get; }

    /// <exception cref="BadConfigurationException">An entry without a name or a hash, or with a value of the wrong type.</exception>
    public static ApiKeys Read(IConfiguration configuration, SplitwiserOptions options, TimeProvider time)
    {
        List<string> problems = [];
        var plain = (options.ApiKey ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select((key, index) => new ApiKey($"api-key {index + 1}", ApiKey.HashOf(key), options.RequestsPerMinute, options.MaxConcurrentRequests));
        var hashed = configuration.GetSection(SplitwiserOptions.Section).GetSection(Key).GetChildren().Select(entry => Read(entry, options, problems)).ToList();
        return problems.Count == 0 ? new([.. plain, .. hashed], options, time) : throw new BadConfigurationException(problems);
    }

    /// <summary>The caller with that key; null for a key that is none. Compares with every hash in full, so that the time says nothing of the keys.</summary>
    public Caller? Find(string key)
    {
        var hash = ApiKey.HashOf(key).AsSpan();
        Caller? found = null;
        foreach (var caller in callers)
        {
            if (CryptographicOperations.FixedTimeEquals(caller.Key.Hash.AsSpan(), hash))
                found = caller;
        }

        return found;
    }

    private static ApiKey Read(IConfigurationSection entry, SplitwiserOptions options, List<string> problems)
    {
        var name = entry["Name"] ?? "";
        if (name.Length == 0)
            problems.Add($"{entry.Path}:Name: a name is needed");
        var hash = new byte[ApiKey.HashSize];
        if (entry["Sha256"] is not { Length: 2 * ApiKey.HashSize } hex || !hex.All(char.IsAsciiHexDigit))
            problems.Add($"{entry.Path}:Sha256: expected 64 hexadecimal digits (the command new-key prints them)");
        else
            hash = Convert.FromHexString(hex);
        problems.AddRange(entry.GetChildren()
            .Where(child => !new[] { "Name", "Sha256", nameof(ApiKey.RequestsPerMinute), nameof(ApiKey.MaxConcurrent) }.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            .Select(child => $"{child.Path}: is no setting of a key"));
        return new(name, [.. hash],
            Limit(entry, nameof(ApiKey.RequestsPerMinute), problems) ?? options.RequestsPerMinute,
            Limit(entry, nameof(ApiKey.MaxConcurrent), problems) ?? options.MaxConcurrentRequests);
    }

    private static int? Limit(IConfigurationSection entry, string name, List<string> problems)
    {
        if (entry[name] is not { Length: > 0 } text)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0)
            return limit;
        problems.Add($"{entry.Path}:{name}: expected a whole number of at least 1, found '{text}'");
        return null;
    }
}
