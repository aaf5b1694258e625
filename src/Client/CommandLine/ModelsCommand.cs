using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Splitwiser.Client.CommandLine.Servers;
using Splitwiser.Client.Http;

namespace Splitwiser.Client.CommandLine;

/// <summary>models: what is served, and how long prompt and answer may be.</summary>
internal sealed class ModelsCommand(Terminal terminal)
{
    private readonly ServerOptions servers = new();
    private readonly Option<bool> json = new("--json") { Description = "A line of JSON for each model." };

    public Command Create()
    {
        var command = new Command("models", "Lists the models that are served, with their longest prompt and answer.") { json };
        servers.AddTo(command);
        command.SetAction((parsed, cancelled) => servers.Run(terminal, parsed, cancelled, async (server, ct) =>
        {
            var models = await server.Models(ct);
            if (parsed.GetValue(json))
            {
                foreach (var model in models)
                    await terminal.Output.WriteLineAsync(JsonSerializer.Serialize(model, ClientJson.Default.ModelCard));
                return ExitCode.Success;
            }

            var table = new Table().Border(TableBorder.Simple).AddColumn("model").AddColumn(new TableColumn("max tokens").RightAligned()).AddColumn("from");
            foreach (var model in models)
                table.AddRow(new Text(model.Id), new Text(model.MaxModelLen?.ToString(CultureInfo.InvariantCulture) ?? "-"), new Text(model.Root ?? "-"));
            terminal.Screen.Write(table);
            return ExitCode.Success;
        }));
        return command;
    }
}
