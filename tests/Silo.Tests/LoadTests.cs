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

    /// <summary>Requests come without waiting for each other, many more of them than four seats and eight places in the queue can take.</summary>
    [Fact]
    public async Task Of_many_times_too_many_those_admitted_end_exactly_and_the_rest_is_told_when_to_come_back()
    {
        const int Places = 8;
        await using var silo = await RunningSilo.StartDemo("--max-num-seqs", "4", "--queue-limit", $"{Places}", "--ttft-target", "2000");
        object Body(int number) => new { prompt = GoldenPrompt.All[number].Prompt, temperature = 0, ignore_eos = true, max_tokens = 24 + number, return_token_ids = true };
        var alone = new List<int[]>();
        for (var i = 0; i < GoldenPrompt.All.Count; i++)
            alone.Add((await silo.Api.Complete(Body(i))).Choice().TokenIds());

        var deepest = 0.0;
        var requests = new List<(int Number, Task<Answer> Answer)>();
        for (var i = 0; i < 240; i++)
        {
            var number = i % alone.Count;
            requests.Add((number, silo.Api.Post("v1/completions", Body(number))));
            if (i % 12 == 0)
                deepest = Math.Max(deepest, (await Metrics.Scrape(silo.Api)).Sum("vllm:num_requests_waiting"));
        }

        var (served, refused) = (0, 0);
        foreach (var (number, request) in requests)
        {
            var answer = await request;
            if (answer.Status == HttpStatusCode.TooManyRequests)
            {
                refused++;
                answer.Error().Text("code").ShouldBe("rate_limit_exceeded");
                answer.RetryAfter.ShouldNotBeNull().ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
            }
            else
            {
                served++;
                answer.Success().Choice().TokenIds().ShouldBe(alone[number]);
            }
        }

        served.ShouldBeGreaterThanOrEqualTo(4);
        refused.ShouldBeGreaterThan(0);
        deepest.ShouldBeLessThanOrEqualTo(Places);
        await Settles.AllPagesAreBack(silo.Api);
        (await silo.Api.Complete(Body(0))).Choice().TokenIds().ShouldBe(alone[0]);
    }

    [Fact]
    public async Task A_higher_priority_gets_in_where_the_queue_is_full()
    {
        await using var silo = await RunningSilo.StartDemo("--max-num-seqs", "1", "--queue-limit", "3");
        object Body(int priority, int tokens = 20) => new { prompt = "In the beginning", temperature = 0, ignore_eos = true, max_tokens = tokens, priority };
        var low = new List<Task<Answer>> { silo.Api.Post("v1/completions", Body(5, 1900)) };
        await Settles.Becomes("one runs", async () => (await Metrics.Scrape(silo.Api)).Sum("vllm:num_requests_running") == 1);
        low.AddRange(Enumerable.Range(0, 3).Select(_ => silo.Api.Post("v1/completions", Body(5))));
        await Settles.Becomes("three wait", async () => (await Metrics.Scrape(silo.Api)).Sum("vllm:num_requests_waiting") == 3);
        (await silo.Api.Post("v1/completions", Body(5))).Status.ShouldBe(HttpStatusCode.TooManyRequests);
        (await silo.Api.Post("v1/completions", Body(-1))).Status.ShouldBe(HttpStatusCode.OK);
        var statuses = (await Task.WhenAll(low)).Select(answer => answer.Status).ToList();
        statuses.Count(status => status == HttpStatusCode.TooManyRequests).ShouldBe(1); // gave its place up
        statuses.Count(status => status == HttpStatusCode.OK).ShouldBe(3);
        await Settles.AllPagesAreBack(silo.Api);
    }

    [Fact]
    public async Task The_prompts_of_one_call_are_taken_in_together_however_long_they_take()
    {
        await using var silo = await RunningSilo.StartDemo("--max-num-seqs", "1", "--ttft-target", "1");
        for (var i = 0; i < 2; i++) // the second time, the silo knows how long they take
        {
            var answer = await silo.Api.Complete(new { prompt = GoldenPrompt.All.Select(golden => golden.Prompt), temperature = 0, max_tokens = 20, n = 2 });
            answer.GetProperty("choices").GetArrayLength().ShouldBe(2 * GoldenPrompt.All.Count);
        }
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
