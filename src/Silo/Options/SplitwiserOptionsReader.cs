using Microsoft.Extensions.Configuration;
using Splitwiser.Gpu.Phases;
using Splitwiser.Silo.Admin;
using Splitwiser.Silo.Safety;

namespace Splitwiser.Silo.Options;

/// <summary>Reads and checks <see cref="SplitwiserOptions"/>; every problem is told at once.</summary>
internal static class SplitwiserOptionsReader
{
    /// <summary>Options from the section "Splitwiser" of a configuration.</summary>
    /// <exception cref="BadConfigurationException">A value has the wrong type, is out of range or names what isn't there.</exception>
    public static SplitwiserOptions ReadSplitwiserOptions(this IConfiguration configuration)
    {
        var section = configuration.GetSection(SplitwiserOptions.Section);
        var options = new SplitwiserOptions();
        List<string> problems = [];
        foreach (var setting in Setting.All)
        {
            if (section[setting.Key] is { Length: > 0 } text && !setting.TryAssign(options, text, out var problem))
                problems.Add(problem);
        }

        problems.AddRange(from child in section.GetChildren()
                          where !Setting.All.Any(setting => setting.Key.Equals(child.Key, StringComparison.OrdinalIgnoreCase))
                              && !child.Key.Equals(Clustering.Key, StringComparison.OrdinalIgnoreCase)
                              && !child.Key.Equals(ApiKeys.Key, StringComparison.OrdinalIgnoreCase)
                          select $"'{child.Key}' is no setting (see --help)");
        problems.AddRange(Problems(options));
        return problems.Count == 0 ? options : throw new BadConfigurationException(problems);
    }

    /// <summary>Options that a user's own silo was given.</summary>
    /// <exception cref="BadConfigurationException">A value is out of range or names what isn't there.</exception>
    public static SplitwiserOptions Checked(this SplitwiserOptions options)
    {
        var problems = Problems(options).ToList();
        return problems.Count == 0 ? options : throw new BadConfigurationException(problems);
    }

    private static IEnumerable<string> Problems(SplitwiserOptions options)
    {
        foreach (var setting in Setting.All)
        {
            if (setting.Check(options) is { } problem)
                yield return problem;
        }

        if (options.Model.Length == 0)
            yield return "--model: a model folder is needed";
        else if (!Directory.Exists(options.Model))
            yield return $"--model: there is no folder '{Path.GetFullPath(options.Model)}'";
        if (options.ChatTemplate is { } template && !File.Exists(template))
            yield return $"--chat-template: there is no file '{Path.GetFullPath(template)}'";
        if (options.PinnedPrompts is { } prompts && !File.Exists(prompts))
            yield return $"--pinned-prompts: there is no file '{Path.GetFullPath(prompts)}'";
        if (options is { EnablePrefixCaching: false, KvOffloadingSize: not null })
            yield return "--kv-offloading-size: keeps what the prefix cache has no room for, and --enable-prefix-caching is off";
        if (options is { EnablePrefixCaching: false, PinnedPrompts: not null })
            yield return "--pinned-prompts: stay in the prefix cache, and --enable-prefix-caching is off";
        if (options.ServedModelName is { Length: 0 })
            yield return "--served-model-name: expected a name, found ''";
        if (options.SiloName is { } name && (name.Length == 0 || name.Contains('/')))
            yield return $"--silo-name: expected a name without '/', found '{name}'";
        if (options.DecodeSms is not null && options.PhaseMode != PhaseMode.Partition)
            yield return $"--decode-sms: is for --phase-mode partition, and the mode is {options.PhaseMode.ToString().ToLowerInvariant()}";
        if (options.OtlpTracesEndpoint is { } endpoint && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            yield return $"--otlp-traces-endpoint: expected http(s)://host:port, found '{endpoint}'";
        if (options.AdminKey is { Length: < AdminGate.ShortestKey })
            yield return $"--admin-key: expected at least {AdminGate.ShortestKey} characters, found {options.AdminKey.Length}";
        foreach (var problem in Origins.Problems(options.AllowedOrigins))
            yield return problem;
    }
}
