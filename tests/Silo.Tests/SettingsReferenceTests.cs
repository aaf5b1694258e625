using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Tests;

public sealed class SettingsReferenceTests
{
    private static readonly string File = Path.Combine(Repository.Root, "docs", "configuration.md");

    [Fact]
    public async Task The_configuration_reference_is_what_the_settings_command_prints()
    {
        var output = new StringWriter();
        SettingsReference.Command(output).Parse([]).Invoke().ShouldBe(0);
        (await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken)).ShouldBe(output.ToString(), "A setting changed: dotnet run --project src/Silo -- settings > docs/configuration.md");
        foreach (var setting in Setting.All)
            output.ToString().ShouldContain($"| `{SettingSources.VariableOf(setting.Name)}` |");
    }
}
