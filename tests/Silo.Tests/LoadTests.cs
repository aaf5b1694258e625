using System.Net;

namespace Splitwiser.Silo.Tests;

public sealed class LoadTests
{
    [Fact]
    public async Task A_full_queue_is_a_429_with_a_retry_after_and_hurts_nobody_who_is_in()
    {
        await using var silo = await RunningSilo.StartDemo("--queue-limit", "1", "--max-num-seqs", "1");
        var body = new { prompt = "In the beginning", temperature = 0, ignore_eos = true, max_tokens = 300, return_token_ids = true };
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => silo.Api.Post("v1/completions", body)));
        var refused = answers.Where(answer => answer.Status == HttpStatusCode.TooManyRequests).ToArray();
        refused.ShouldNotBeEmpty();
        foreach (var answer in refused)
        {
            answer.Error().Text("code").ShouldBe("rate_limit_exceeded");
            answer.RetryAfter.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        }

        var served = answers.Except(refused).Select(answer => answer.Success().Choice().TokenIds()).ToArray();
        served.ShouldNotBeEmpty();
        served.ShouldAllBe(ids => ids.SequenceEqual(served[0]));
        await Settles.AllPagesAreBack(silo.Api);
    }

    [Fact]
    public async Task Sequences_that_do_not_fit_together_take_turns_and_all_end_right()
    {
        await using var silo = await RunningSilo.Start("--model", Repository.DemoModel, "--num-gpu-blocks-override", "24", "--max-num-seqs", "8");
        var body = new { prompt = "In the beginning", temperature = 0, ignore_eos = true, max_tokens = 200, return_token_ids = true };
        var alone = (await silo.Api.Complete(body)).Choice().TokenIds();
        var together = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => silo.Api.Complete(body))); // 8 x 7 pages over 24
        together.ShouldAllBe(answer => answer.Choice(0).TokenIds().SequenceEqual(alone));
        await Settles.AllPagesAreBack(silo.Api);
    }
}
