namespace Splitwiser.Cluster.Tests;

public sealed class AnswerTests(DemoCluster demo) : IClassFixture<DemoCluster>
{
    [Fact]
    public async Task Concurrent_answers_are_the_golden_ones_and_leave_no_page_leased()
    {
        var answers = await Task.WhenAll(Golden.All.Select(golden => DemoCluster.Hear(demo.Client, golden.Request)));
        foreach (var (golden, heard) in Golden.All.Zip(answers))
        {
            heard.Ids.ShouldBe(golden.Ids);
            heard.Text.ShouldBe(golden.Text);
            heard.Start!.PromptIds.ShouldBe(golden.PromptIds);
            heard.End!.Reason.ShouldBe(golden.EndsItself ? FinishReason.Stop : FinishReason.Length);
            heard.End.StopTokenId.ShouldBe(golden.EndsItself ? Golden.EndToken : null);
            heard.End.Usage.ShouldBe(new TokenUsage(golden.PromptIds.Length, heard.Start.CachedTokens, golden.Ids.Length));
            heard.End.Timings.Attempts.ShouldBe(1);
        }

        await demo.EveryPageIsBack();
    }
}
