using System.CommandLine;

namespace Splitwiser.Silo.Demo;

/// <summary>What the demo takes besides the host's own settings.</summary>
internal sealed class DemoOptions
{
    private readonly Argument<string[]> prompts = new("prompts") { Description = "Prompts to run at once; eight of our own when absent.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<int> maxTokens = new("--max-tokens") { Description = "Tokens of each answer.", HelpName = "N", DefaultValueFactory = _ => 64 };
    private readonly Option<float> temperature = new("--temperature") { Description = "0 is greedy.", HelpName = "T", DefaultValueFactory = _ => 0.7f };
    private readonly Option<bool> serve = new("--serve") { Description = "Goes on serving after the demonstration." };

    public DemoOptions() => maxTokens.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() < 1)
            result.AddError("--max-tokens: expected at least 1");
    });

    public void AddTo(Command command)
    {
        command.Arguments.Add(prompts);
        command.Options.Add(maxTokens);
        command.Options.Add(temperature);
        command.Options.Add(serve);
    }

    public DemoPlan Read(ParseResult parsed) => new(
        parsed.GetValue(prompts) is { Length: > 0 } given ? given : DemoPrompts.All,
        parsed.GetValue(maxTokens),
        parsed.GetValue(temperature),
        parsed.GetValue(serve));
}

/// <param name="Serve">Goes on serving after the demonstration.</param>
internal sealed record DemoPlan(IReadOnlyList<string> Prompts, int MaxTokens, float Temperature, bool Serve);
