namespace Splitwiser.Silo.Tests;

/// <summary>What a silo comes to by itself.</summary>
internal static class Settles
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static Task Becomes(string claim, Func<Task<bool>> holds) =>
        Eventually.Holds(claim, holds, Deadline, TestContext.Current.CancellationToken);

    /// <summary>No page is leased any more, and none is lost. For a silo of the test's own: on a shared one there is always a request of some other test.</summary>
    public static async Task AllPagesAreBack(Api api)
    {
        await Becomes("no page is leased and none is lost", async () =>
        {
            var pages = await Metrics.Scrape(api);
            return pages.Sum("splitwiser_pages_leased") == 0
                && pages.Sum("splitwiser_pages_free") + pages.Sum("splitwiser_pages_cached") == pages.Sum("splitwiser_pages_total");
        });
    }
}
