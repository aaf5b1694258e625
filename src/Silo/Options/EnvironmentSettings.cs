using Microsoft.Extensions.Configuration;

namespace Splitwiser.Silo.Options;

/// <summary>SPLITWISER_MAX_NUM_SEQS=32 becomes Splitwiser:MaxNumSeqs. Names are matched without their underscores, values are taken as they are.</summary>
internal static class EnvironmentSettings
{
    private const string Prefix = "SPLITWISER_";

    public static IConfigurationBuilder AddSplitwiserEnvironment(this IConfigurationBuilder builder)
    {
        var found = new Dictionary<string, string?>();
        foreach (var setting in Setting.All)
        {
            var name = Prefix + setting.Name.Replace('-', '_').ToUpperInvariant();
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
                found[$"{SplitwiserOptions.Section}:{setting.Key}"] = value;
        }

        return builder.AddInMemoryCollection(found);
    }
}
