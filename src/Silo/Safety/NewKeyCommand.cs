using System.CommandLine;

namespace Splitwiser.Silo.Safety;

/// <summary>Splitwiser.Silo new-key NAME: a random key for a caller, and the entry for the configuration that lets it in.</summary>
internal static class NewKeyCommand
{
    public static Command Create(TextWriter output)
    {
        var name = new Argument<string>("name") { Description = "Whose key it is." };
        var command = new Command("new-key", "Makes an API key, and the entry of the configuration that lets it in.") { name };
        command.SetAction(parsed =>
        {
            var key = ApiKey.New();
            output.WriteLine($"Key, shown this once:  {key}");
            output.WriteLine($"In appsettings.json, under \"Splitwiser\": {{ \"ApiKeys\": [ ... ] }}:");
            output.WriteLine($"  {{ \"Name\": {System.Text.Json.JsonSerializer.Serialize(parsed.GetRequiredValue(name))}, \"Sha256\": \"{Convert.ToHexStringLower(ApiKey.HashOf(key).AsSpan())}\" }}");
        });
        return command;
    }
}
