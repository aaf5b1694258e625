using System.CommandLine;
using System.Globalization;
using System.Text;

namespace Splitwiser.Silo.Options;

/// <summary>docs/configuration.md, written from the settings themselves: the command "settings" prints it.</summary>
internal static class SettingsReference
{
    private const string Head = """
        # Configuration

        Written by `dotnet run --project src/Silo -- settings > docs/configuration.md`; a test compares the two.

        A setting may come from, later over earlier: appsettings.json beside the binary, appsettings.json of the working directory
        (section `Splitwiser`), the environment, the command line. Wrong settings are all told at once, and the exit code is 2.
        A switch is turned on by its name alone, and one that is on by default is turned off by `--no-NAME`.

        | command line | environment | appsettings.json | default | meaning |
        |---|---|---|---|---|

        """;

    private const string Tail = """

        ## API keys with limits of their own
        `new-key NAME` prints a random key and its entry. Only the SHA-256 is kept; the two limits replace those of all keys.
        ```json
        { "Splitwiser": { "ApiKeys": [ { "Name": "ann", "Sha256": "...", "RequestsPerMinute": 60, "MaxConcurrent": 4 } ] } }
        ```
        Open without a key: `/health`, `/ready`, `/version`, and the web page's own files.

        ## Clusters (Microsoft engine only)
        The section `Splitwiser:Clustering`: `Provider` (`Localhost`, `Redis`, `AdoNet`), `ConnectionString`, `Invariant`, `ClusterId`, `ServiceId`, `SiloPort`, `GatewayPort`, `PrimaryPort`, `AdvertisedAddress`, `ProbeTimeout`, `MissedProbes`, `Votes`, `Tls`, `Dashboard` ([cluster.md](cluster.md)).

        ## TLS
        `--urls https://0.0.0.0:8443 --ssl-certfile cert.pem --ssl-keyfile key.pem`, or Kestrel's own section for more (a certificate for each
        name, client certificates): `Kestrel:Certificates:Default:Path`, `KeyPath`, `Password`.

        ## Logs and traces
        Levels are those of the section `Logging:LogLevel`. Spans go to `--otlp-traces-endpoint` or `OTEL_EXPORTER_OTLP_ENDPOINT`; OpenTelemetry's
        other variables (`OTEL_EXPORTER_OTLP_PROTOCOL`, `_HEADERS`, `OTEL_TRACES_SAMPLER`, `OTEL_SERVICE_NAME`, ...) hold as everywhere.

        """;

    public static Command Command(TextWriter output)
    {
        var command = new Command("settings", "Prints all settings as Markdown (docs/configuration.md).");
        command.SetAction(_ => output.Write(Text()));
        return command;
    }

    public static string Text()
    {
        var text = new StringBuilder(Head.ReplaceLineEndings("\n"));
        Row(text, $"--{ListenUrls.Key.ToLowerInvariant()} URL", SettingSources.VariableOf(ListenUrls.Key), $"{ListenUrls.Key} (top level)", $"`{ListenUrls.Default}`", ListenUrls.Description);
        foreach (var setting in Setting.All)
            Row(text, $"--{setting.Name} {setting.Value}".TrimEnd(), SettingSources.VariableOf(setting.Name), setting.Key, DefaultOf(setting), setting.Description);
        return text.Append(Tail.ReplaceLineEndings("\n")).ToString();
    }

    private static void Row(StringBuilder text, string name, string variable, string key, string usual, string description) =>
        text.Append(CultureInfo.InvariantCulture, $"| `{name}` | `{variable}` | `{key}` | {usual} | {description.Replace("|", "\\|").Replace("<", "&lt;")} |\n");

    private static string DefaultOf(Setting setting) => setting.Default switch
    {
        null or "" => "",
        bool flag => flag ? "on" : "off",
        IFormattable value and not Enum => $"`{value.ToString(null, CultureInfo.InvariantCulture)}`",
        var value => $"`{value.ToString()!.ToLowerInvariant()}`",
    };
}
