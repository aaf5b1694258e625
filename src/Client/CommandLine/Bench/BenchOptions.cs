using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Splitwiser.Client.CommandLine.Bench;

/// <summary>What the bench command takes, and the plan that it makes of it.</summary>
internal sealed class BenchOptions
{
    private readonly Option<string?> model = new("--model") { Description = "Served model name; the one that is served when absent.", HelpName = "NAME" };
    private readonly Option<int> requests = Whole("--num-prompts", "Measured requests.", 100, 1);
    private readonly Option<double?> rate = new("--request-rate") { Description = "Requests a second, at random times (Poisson), or inf: all at once.", HelpName = "RATE", DefaultValueFactory = _ => null, CustomParser = Rate };
    private readonly Option<int?> concurrency = new("--max-concurrency") { Description = "Most requests under way at a time; no limit when absent.", HelpName = "N" };
    private readonly Option<int> inputTokens = Whole("--input-len", "Tokens of a prompt: random ids.", 128, 1);
    private readonly Option<int> outputTokens = Whole("--output-len", "Tokens of an answer.", 64, 1);
    private readonly Option<double> spread = new("--range-ratio") { Description = "Draws lengths from (1 - R) to (1 + R) times the two above.", HelpName = "R" };
    private readonly Option<int> sharedTokens = Whole("--prefix-len", "Tokens that all prompts begin with, besides their own.", 0, 0);
    private readonly Option<int> vocabulary = Whole("--vocab-size", "Random ids are below it.", 1000, BenchPrompts.FirstId + 1);
    private readonly Option<FileInfo?> prompts = new("--prompts") { Description = "File of prompts instead of random ones: a text a line, or JSON lines {\"prompt\": text or ids, \"max_tokens\": n}; begun again when it ends.", HelpName = "FILE" };
    private readonly Option<int> seed = Whole("--seed", "Of prompts, lengths, arrivals and sampling.", 0, 0);
    private readonly Option<int> warmUps = Whole("--num-warmups", "Requests before the measured ones.", 1, 0);
    private readonly Option<float?> temperature = new("--temperature") { Description = "0 is greedy; the model's default when absent.", HelpName = "T" };
    private readonly Option<bool> untilEos = new("--until-eos") { Description = "Answers may end earlier, at the model's end of text." };
    private readonly Option<string[]> goodput = new("--goodput") { Description = "Limit of a good request in milliseconds, as in ttft:200, tpot:50, e2e:2000; may be given several times.", HelpName = "LIMIT", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> output = new("--output", "-o") { Description = "File for the result as JSON; - prints it instead of the tables.", HelpName = "FILE" };

    public BenchOptions()
    {
        spread.Validators.Add(result => Check(result, result.GetValueOrDefault<double>() is >= 0 and < 1, "--range-ratio: expected 0 to below 1"));
        concurrency.Validators.Add(result => Check(result, result.GetValueOrDefault<int?>() is not < 1, "--max-concurrency: expected at least 1"));
        prompts.Validators.Add(result => Check(result, result.GetValueOrDefault<FileInfo?>() is not { Exists: false }, "--prompts: there is no such file"));
        goodput.Validators.Add(result => Check(result, Goodput.TryRead(result.GetValueOrDefault<string[]>() ?? [], out _), "--goodput: expected ttft:MS, tpot:MS or e2e:MS"));
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { requests, rate, concurrency, inputTokens, outputTokens, spread, sharedTokens, vocabulary, prompts, seed, warmUps, temperature, untilEos, goodput, model, output })
            command.Options.Add(option);
    }

    /// <summary>Null for no file; "-" for the terminal.</summary>
    public string? Output(ParseResult parsed) => parsed.GetValue(output);

    public BenchPlan Plan(ParseResult parsed) => new()
    {
        Requests = parsed.GetValue(requests),
        Rate = parsed.GetValue(rate),
        Concurrency = parsed.GetValue(concurrency),
        InputTokens = parsed.GetValue(inputTokens),
        OutputTokens = parsed.GetValue(outputTokens),
        Spread = parsed.GetValue(spread),
        SharedTokens = parsed.GetValue(sharedTokens),
        Vocabulary = parsed.GetValue(vocabulary),
        Seed = parsed.GetValue(seed),
        WarmUps = parsed.GetValue(warmUps),
        Temperature = parsed.GetValue(temperature),
        Model = parsed.GetValue(model),
        UntilEos = parsed.GetValue(untilEos),
        Goodput = Goodput.TryRead(parsed.GetValue(goodput) ?? [], out var limits) ? limits : null,
    };

    /// <summary>The warm-ups first.</summary>
    /// <exception cref="BadPromptFileException">The file holds no prompts.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public IReadOnlyList<BenchPrompt> Prompts(ParseResult parsed, BenchPlan plan) => parsed.GetValue(prompts) is { } file
        ? BenchPrompts.Of(File.ReadAllLines(file.FullName), plan, plan.WarmUps + plan.Requests)
        : BenchPrompts.Random(plan, plan.WarmUps + plan.Requests);

    private static double? Rate(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text == "inf")
            return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate > 0 && double.IsFinite(rate))
            return rate;
        result.AddError($"--request-rate: expected requests a second or inf, found '{text}'");
        return null;
    }

    private static Option<int> Whole(string name, string description, int usual, int least)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => usual };
        option.Validators.Add(result => Check(result, result.GetValueOrDefault<int>() >= least, $"{name}: expected at least {least}"));
        return option;
    }

    private static void Check(OptionResult result, bool holds, string problem)
    {
        if (!holds)
            result.AddError(problem);
    }
}
