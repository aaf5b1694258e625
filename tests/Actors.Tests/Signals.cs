using System.Collections.Concurrent;

namespace Splitwiser.Actors.Tests;

/// <summary>What grains and tests tell each other beside the calls: the silos of a test process share its statics.</summary>
internal static class Signals
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> All = new();

    public static void Set(string name) => Named(name).TrySetResult();

    public static bool IsSet(string name) => Named(name).Task.IsCompleted;

    /// <summary>Waits for a signal; a minute is longer than anything here may take.</summary>
    public static Task Wait(string name, CancellationToken token = default) => Named(name).Task.WaitAsync(TimeSpan.FromMinutes(1), token);

    private static TaskCompletionSource Named(string name) =>
        All.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
