namespace Splitwiser.Silo.Tests;

public sealed class MetricsTests
{
    /// <summary>What dashboards made for vLLM ask for.</summary>
    private static readonly string[] Vllm =
    [
        "vllm:num_requests_running", "vllm:num_requests_waiting", "vllm:kv_cache_usage_perc", "vllm:prefix_cache_queries_total", "vllm:prefix_cache_hits_total",
        "vllm:time_to_first_token_seconds", "vllm:inter_token_latency_seconds", "vllm:time_per_output_token_seconds", "vllm:request_time_per_output_token_seconds",
        "vllm:e2e_request_latency_seconds", "vllm:request_queue_time_seconds", "vllm:request_prefill_time_seconds", "vllm:request_decode_time_seconds",
        "vllm:request_inference_time_seconds", "vllm:prompt_tokens_total", "vllm:generation_tokens_total", "vllm:request_prompt_tokens",
        "vllm:request_generation_tokens", "vllm:request_success_total", "vllm:num_preemptions_total", "vllm:cache_config_info",
    ];

    [Fact]
    public async Task A_scrape_adds_up_to_what_was_asked_of_the_silo()
    {
        await using var silo = await RunningSilo.StartDemo("--phase-mode", "serial", "--silo-name", "counted");
        var before = await Metrics.Scrape(silo.Api);
        before.Sum("vllm:generation_tokens_total").ShouldBe(0);
        for (var i = 0; i < 3; i++)
            await silo.Api.Complete(new { prompt = new[] { "In the beginning", "And" }, temperature = 0, max_tokens = 5 });
        await silo.Api.Complete(new { prompt = "In the beginning", temperature = 0, max_tokens = 48, stop = " Judah" });
        (await silo.Api.Post("v1/completions", new { prompt = "x", temperature = 9 })).Error();
        await Settles.AllPagesAreBack(silo.Api);

        var after = await Metrics.Scrape(silo.Api);
        after.Sum("vllm:generation_tokens_total").ShouldBe(38);
        after.Sum("vllm:prompt_tokens_total").ShouldBe((3 * (4 + 2)) + 4);
        after.Sum("vllm:request_success_total", "finished_reason=\"length\"").ShouldBe(6);
        after.Sum("vllm:request_success_total", "finished_reason=\"stop\"").ShouldBe(1);
        after.Sum("vllm:time_to_first_token_seconds_count").ShouldBe(7);
        after.Sum("vllm:e2e_request_latency_seconds_count").ShouldBe(7);
        after.Sum("vllm:inter_token_latency_seconds_count").ShouldBeInRange(1, 31); // tokens that came with the first have no gap
        after.Sum("vllm:num_requests_running").ShouldBe(0);
        after.Sum("vllm:num_requests_waiting").ShouldBe(0);
        after.Sum("vllm:kv_cache_usage_perc").ShouldBe(0);
        after.Sum("vllm:prefix_cache_queries_total").ShouldBe(22);
        after.Sum("splitwiser_requests_refused_total", "reason=\"invalidrequest\"").ShouldBe(1);
        after.Sum("splitwiser_handoffs_total", "device=\"counted/0\"").ShouldBe(7);
        after.Sum("splitwiser_handoff_copied_bytes_total").ShouldBe(0);
        after.Sum("splitwiser_pages_total").ShouldBe(512);
        after.Sum("splitwiser_phase_mode", "mode=\"serial\"").ShouldBe(1);
        after.Sum("splitwiser_step_tokens_total", "phase=\"prefill\"").ShouldBe(22);
        after.Sum("splitwiser_step_seconds_total").ShouldBeGreaterThan(0);
        after.Types["splitwiser_phase_processors"].ShouldBe("gauge");
        after.Sum("splitwiser_processor_seconds_total").ShouldBe(0);        // the CPU has no multiprocessors to count
        after.Sum("vllm:request_prompt_tokens_sum").ShouldBe(22);
        after.Sum("vllm:request_generation_tokens_sum").ShouldBe(38);
        after.Sum("vllm:request_inference_time_seconds_count").ShouldBe(7);
        after.Sum("vllm:cache_config_info", "block_size=\"32\",num_gpu_blocks=\"512\"").ShouldBe(1);
        after.Sum("splitwiser_draining").ShouldBe(0);
        foreach (var family in Vllm)
            after.Types.ShouldContainKey(family);
    }

    [Fact]
    public async Task Every_sample_has_a_type_and_every_histogram_is_cumulative()
    {
        await using var silo = await RunningSilo.StartDemo();
        await silo.Api.Complete(new { prompt = "In the beginning", temperature = 0, max_tokens = 5 });
        var metrics = await Metrics.Scrape(silo.Api);
        foreach (var name in metrics.Names)
            metrics.Types.Keys.ShouldContain(family => name == family || (metrics.Types[family] == "histogram" && name.StartsWith(family + "_", StringComparison.Ordinal)));
        foreach (var (family, _) in metrics.Types.Where(type => type.Value == "histogram"))
        {
            var buckets = metrics.Values($"{family}_bucket");
            buckets.ShouldBeInOrder();
            buckets[^1].ShouldBe(metrics.Sum($"{family}_count"));
        }
    }
}
