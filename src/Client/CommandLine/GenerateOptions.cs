using System.CommandLine;

namespace Splitwiser.Client.CommandLine;

/// <summary>What the generate command takes, and the request that it makes of it.</summary>
internal sealed class GenerateOptions
{
    private readonly Argument<string> prompt = new("prompt") { Description = "The text to go on from." };
    private readonly Option<string?> model = new("--model") { Description = "Served model name; the one that is served when absent.", HelpName = "NAME" };
    private readonly Option<int?> maxTokens = new("--max-tokens") { Description = "Most tokens of the answer.", HelpName = "N", DefaultValueFactory = _ => 128 };
    private readonly Option<float?> temperature = new("--temperature") { Description = "0 is greedy.", HelpName = "T" };
    private readonly Option<float?> topP = new("--top-p") { Description = "Smallest set of tokens whose probabilities reach this sum.", HelpName = "P" };
    private readonly Option<long?> seed = new("--seed") { Description = "Makes a sampled answer repeatable.", HelpName = "N" };
    private readonly Option<string[]> stop = new("--stop") { Description = "Text that ends the answer; may be given several times.", HelpName = "TEXT" };
    private readonly Option<bool> ignoreEos = new("--ignore-eos") { Description = "Goes on after the model's end of text." };
    private readonly Option<bool> quiet = new("--quiet") { Description = "Prints the answer's text alone." };

    public void AddTo(Command command)
    {
        command.Arguments.Add(prompt);
        foreach (var option in new Option[] { model, maxTokens, temperature, topP, seed, stop, ignoreEos, quiet })
            command.Options.Add(option);
    }

    public bool Quiet(ParseResult parsed) => parsed.GetValue(quiet);

    public GenerateRequest Request(ParseResult parsed) => new()
    {
        Text = parsed.GetRequiredValue(prompt),
        Model = parsed.GetValue(model),
        Sampling = new() { Temperature = parsed.GetValue(temperature), TopP = parsed.GetValue(topP), Seed = parsed.GetValue(seed) },
        Stop = new()
        {
            MaxTokens = parsed.GetValue(maxTokens),
            Strings = [.. parsed.GetValue(stop) ?? []],
            IgnoreEos = parsed.GetValue(ignoreEos),
        },
    };
}
