namespace Splitwiser.Actors.Tests;

/// <summary>For what a cluster gets to in its own time, after a kill or a stop.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <summary>Asks again, a few times a second, until the answer is yes; fails after a while.</summary>
    public static async Task Is(Func<Task<bool>> question)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var limit = new CancellationTokenSource(Patience);
        while (!await question()) await pause.WaitForNextTickAsync(limit.Token);
    }

    /// <summary>Tries until nothing that a changing cluster may say comes back.</summary>
    public static async Task<T> Answers<T>(Func<Task<T>> call)
    {
        var answer = default(T);
        await Is(async () =>
        {
            try
            {
                answer = await call();
                return true;
            }
            catch (Exception error) when (Lost.IsMeantBy(error))
            {
                return false;
            }
        });
        return answer!;
    }

    /// <summary>Lets time pass, where a limit of time is what is tested.</summary>
    public static async Task Passes(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
    }
}

/// <summary>The ways to learn that a silo is lost: one class for callers.</summary>
internal static class Lost
{
    public static bool IsMeantBy(Exception error) =>
        error is SiloUnavailableException or TimeoutException or EnumerationAbortedException or NoSuchSiloException or OperationCanceledException;

    /// <summary>Runs what a lost silo must end, and answers how it ended.</summary>
    public static async Task<Exception> By(Func<Task> action)
    {
        var error = await Record.ExceptionAsync(action);
        error.ShouldNotBeNull();
        IsMeantBy(error).ShouldBeTrue(error.ToString());
        return error;
    }
}
