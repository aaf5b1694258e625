using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Splitwiser.Client.Tests;

/// <summary>What the scripted request grains do with one answer, attempt by attempt, and what they saw.</summary>
internal sealed class Script
{
    /// <summary>The answer's ids; the text of id 100 + i is "i ".</summary>
    public static readonly ImmutableArray<int> Ids = [.. Enumerable.Range(100, 20)];

    private static readonly ConcurrentDictionary<string, Script> Scripts = new();
    private readonly ConcurrentQueue<Act> acts;

    public Script(params Act[] acts)
    {
        this.acts = new(acts);
        Scripts[Name] = this;
    }

    public string Name { get; } = Guid.NewGuid().ToString();

    /// <summary>What was asked of each attempt.</summary>
    public ConcurrentQueue<GenerateRequest> Asked { get; } = new();

    /// <summary>Completes when an attempt that hangs does so, with its silo's address.</summary>
    public TaskCompletionSource<SiloAddress> Hangs { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when an attempt was asked five times how it stands.</summary>
    public TaskCompletionSource AskedOften { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when an attempt's token was cancelled.</summary>
    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The script travels to the grain by the one field that nobody touches.</summary>
    public GenerateRequest Request => new() { Text = "x", CacheSalt = Name };

    public static string TextOf(IEnumerable<int> ids) => string.Concat(ids.Select(id => $"{id - 100} "));

    public static Script Of(GenerateRequest request) => Scripts[request.CacheSalt!];

    /// <summary>Acts after the last one answer whole.</summary>
    public Act Next() => acts.TryDequeue(out var act) ? act : Act.AnswersWhole;
}

/// <summary>One attempt: some tokens, then an end of some kind.</summary>
/// <param name="Tokens">Delivered before it; all when null.</param>
/// <param name="Throws">Makes the exception that it ends with.</param>
/// <param name="Hangs">Says nothing more, until it is cancelled.</param>
/// <param name="SkipsOne">Loses a token on the way.</param>
/// <param name="Says">What it says when it is asked.</param>
internal sealed record Act(int? Tokens, Func<Exception>? Throws = null, bool Hangs = false, bool SkipsOne = false, RequestState Says = RequestState.AtWork)
{
    public static Act AnswersWhole { get; } = new((int?)null);
}
