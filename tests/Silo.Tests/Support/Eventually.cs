namespace Splitwiser.Silo.Tests;

/// <summary>Waits for what comes by itself, and not for ever.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static async Task Is(Func<Task<bool>> holds, string what)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        for (var left = Deadline / timer.Period; left > 0; left--)
        {
            if (await holds())
                return;
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        throw new TimeoutException($"Still not after {Deadline.TotalSeconds} s: {what}.");
    }

    /// <summary>No page is leased any more, and none is lost.</summary>
    public static async Task AllPagesAreBack(Api api)
    {
        await Is(async () => (await Metrics.Scrape(api)).Sum("splitwiser_pages_leased") == 0, "no page is leased");
        var pages = await Metrics.Scrape(api);
        (pages.Sum("splitwiser_pages_free") + pages.Sum("splitwiser_pages_cached")).ShouldBe(pages.Sum("splitwiser_pages_total"));
    }
}
