namespace Splitwiser.Tests;

/// <summary>Waits, within a bound, for what no event announces.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks every 20 ms until the answer is yes; throws a TimeoutException that names the claim when it never is.</summary>
    public static async Task Holds(string claim, Func<Task<bool>> holds, TimeSpan within, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(within);
        try
        {
            while (!await holds()) await timer.WaitForNextTickAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Not within {within.TotalSeconds} s: {claim}.");
        }
    }
}
