namespace Splitwiser.Client.CommandLine.Bench;

/// <summary>What a benchmark does.</summary>
internal sealed record BenchPlan
{
    public required int Requests { get; init; }

    /// <summary>Requests a second, at random times; null for all at once.</summary>
    public required double? Rate { get; init; }

    /// <summary>Most requests under way at a time; null for no limit.</summary>
    public required int? Concurrency { get; init; }

    public required int InputTokens { get; init; }
    public required int OutputTokens { get; init; }

    /// <summary>Lengths are drawn evenly from (1 - spread) to (1 + spread) times the two above.</summary>
    public required double Spread { get; init; }

    /// <summary>Tokens that all prompts begin with, besides their own.</summary>
    public required int SharedTokens { get; init; }

    /// <summary>Random token ids are below it.</summary>
    public required int Vocabulary { get; init; }

    public required int Seed { get; init; }

    /// <summary>Requests before the measured ones.</summary>
    public required int WarmUps { get; init; }

    public required float? Temperature { get; init; }
    public required string? Model { get; init; }

    /// <summary>Answers may end before their length, at the model's end of text.</summary>
    public required bool UntilEos { get; init; }

    /// <summary>Limits that a request has to keep to be a good one.</summary>
    public required Goodput? Goodput { get; init; }

    public GenerateRequest Request(BenchPrompt prompt) => new()
    {
        Text = prompt.Text,
        TokenIds = prompt.Text is null ? [.. prompt.TokenIds] : default,
        Model = Model,
        Sampling = new() { Temperature = Temperature, Seed = Seed },
        Stop = new() { MaxTokens = prompt.OutputTokens, IgnoreEos = !UntilEos },
    };
}
