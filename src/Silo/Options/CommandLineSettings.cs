using System.CommandLine;

namespace Splitwiser.Silo.Options;

/// <summary>The settings as options of the command line.</summary>
internal sealed class CommandLineSettings
{
    private readonly List<(Setting Setting, Option<string?> Option)> values = [];
    private readonly List<(Setting Setting, Option<bool> Option, bool Value)> switches = [];
    private readonly Option<string?> urls = new("--urls") { Description = $"{ListenUrls.Description} [default: {ListenUrls.Default}]", HelpName = "URL" };

    /// <param name="hidden">Taken, but not listed by --help.</param>
    public CommandLineSettings(bool hidden = false)
    {
        foreach (var setting in Setting.All)
        {
            if (!setting.IsSwitch)
                values.Add((setting, new($"--{setting.Name}") { Description = Describe(setting), HelpName = setting.Value }));
            else
                switches.Add((setting, new($"--{setting.Name}") { Description = setting.Description }, true));
            if (setting.IsOnByDefault)
                switches.Add((setting, new($"--no-{setting.Name}") { Description = $"Turns --{setting.Name} off." }, false));
        }

        foreach (var option in Options)
            option.Hidden = hidden;
    }

    private IEnumerable<Option> Options => values.Select(value => (Option)value.Option).Concat(switches.Select(flag => flag.Option)).Append(urls);

    public void AddTo(Command command)
    {
        foreach (var option in Options)
            command.Options.Add(option);
    }

    /// <summary>What was given, as configuration.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Given(ParseResult parsed)
    {
        foreach (var (setting, option) in values)
        {
            if (parsed.GetValue(option) is { } value)
                yield return new(SettingSources.PathOf(setting), value);
        }

        foreach (var (setting, option, value) in switches)
        {
            if (parsed.GetValue(option))
                yield return new(SettingSources.PathOf(setting), value ? "true" : "false");
        }

        if (parsed.GetValue(urls) is { } given)
            yield return new(ListenUrls.Key, given);
    }

    private static string Describe(Setting setting) =>
        setting.Default is { } value and not "" ? $"{setting.Description} [default: {value.ToString()!.ToLowerInvariant()}]" : setting.Description;
}
