namespace Splitwiser.Silo.Options;

/// <summary>
/// Where settings come from, later over earlier: appsettings.json beside the binary, appsettings.json of the working directory,
/// the environment (SPLITWISER_MAX_NUM_SEQS, or .NET's Splitwiser__MaxNumSeqs), the command line.
/// </summary>
internal static class SettingSources
{
    private const string File = "appsettings.json";
    private const string Prefix = "SPLITWISER_";

    /// <exception cref="BadConfigurationException">A settings file is broken.</exception>
    public static IConfigurationRoot Read(IEnumerable<KeyValuePair<string, string?>> commandLine)
    {
        try
        {
            return new ConfigurationBuilder()
                .AddJsonFile(Path.Combine(AppContext.BaseDirectory, File), optional: true)
                .AddJsonFile(Path.Combine(Environment.CurrentDirectory, File), optional: true)
                .AddEnvironmentVariables()
                .AddInMemoryCollection(FromEnvironment())
                .AddInMemoryCollection(commandLine)
                .Build();
        }
        catch (InvalidDataException e)
        {
            throw new BadConfigurationException($"{e.Message} {e.InnerException?.Message}".TrimEnd(), e);
        }
    }

    /// <summary>"max-num-seqs" is SPLITWISER_MAX_NUM_SEQS.</summary>
    public static string VariableOf(string name) => Prefix + name.Replace('-', '_').ToUpperInvariant();

    /// <summary>A setting's place in the configuration.</summary>
    public static string PathOf(Setting setting) => $"{SplitwiserOptions.Section}:{setting.Key}";

    private static IEnumerable<KeyValuePair<string, string?>> FromEnvironment() =>
        from named in Setting.All.Select(setting => (Variable: VariableOf(setting.Name), Path: PathOf(setting))).Append((Variable: VariableOf(ListenUrls.Key), Path: ListenUrls.Key))
        let value = Environment.GetEnvironmentVariable(named.Variable)
        where !string.IsNullOrEmpty(value)
        select KeyValuePair.Create(named.Path, (string?)value);
}
