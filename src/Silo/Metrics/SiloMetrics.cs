using System.Diagnostics;
using Splitwiser.Gpu.Kv;
using Splitwiser.Gpu.Phases;
using Splitwiser.Grains;
using Splitwiser.Silo.Hosting;
using Splitwiser.Silo.Http;

namespace Splitwiser.Silo.Metrics;

/// <summary>What /metrics tells: the families that vLLM has, by vLLM's names, and our own of pages, handoffs and phases.</summary>
internal sealed class SiloMetrics(ServedModel model, LocalDevices devices, MeterTotals requests, Drain drain)
{
    private readonly string modelLabel = PrometheusText.Label("model_name", model.Name);

    public string Text()
    {
        var text = new PrometheusText();
        WriteRequests(text);
        WriteModel(text);
        WriteDevices(text);
        WriteHost(text);
        return text.ToString();
    }

    private void WriteRequests(PrometheusText text)
    {
        text.Counter("vllm:generation_tokens_total", "Output tokens.", (modelLabel, requests.Count("splitwiser.generation_tokens")));
        text.Counter("vllm:request_success_total", "Requests that ended, by reason; abort: its client left.",
            [.. from finished in requests.CountsByTag("splitwiser.requests_finished") select (Labelled("finished_reason", finished.Tag), (double)finished.Count),
             (Labelled("finished_reason", "abort"), requests.Count("splitwiser.requests_cancelled"))]);
        text.Histogram("vllm:time_to_first_token_seconds", "From a request's arrival to its first token.", modelLabel, requests.Histogram("splitwiser.time_to_first_token"));
        text.Histogram("vllm:inter_token_latency_seconds", "Between two tokens of a request.", modelLabel, requests.Histogram("splitwiser.inter_token_latency"));
        text.Histogram("vllm:e2e_request_latency_seconds", "From a request's arrival to its last token.", modelLabel, requests.Histogram("splitwiser.request_latency"));
        text.Histogram("vllm:request_queue_time_seconds", "A request's wait for its first pages.", modelLabel, requests.Histogram("splitwiser.request_queue_time"));
        text.Histogram("vllm:request_prefill_time_seconds", "From a request's first pages to its first token.", modelLabel, requests.Histogram("splitwiser.request_prefill_time"));
        text.Histogram("vllm:request_decode_time_seconds", "From a request's first token to its last.", modelLabel, requests.Histogram("splitwiser.request_decode_time"));
        text.Histogram("vllm:time_per_output_token_seconds", "The older name of vllm:inter_token_latency_seconds.", modelLabel, requests.Histogram("splitwiser.inter_token_latency"));
        text.Histogram("vllm:request_time_per_output_token_seconds", "A request's mean time between tokens.", modelLabel, requests.Histogram("splitwiser.request_time_per_output_token"));
        text.Histogram("vllm:request_inference_time_seconds", "From a request's first pages to its last token.", modelLabel, requests.Histogram("splitwiser.request_inference_time"));
        text.Histogram("vllm:request_prompt_tokens", "Prompt tokens of a request.", modelLabel, requests.Histogram("splitwiser.request_prompt_tokens"));
        text.Histogram("vllm:request_generation_tokens", "Output tokens of a request.", modelLabel, requests.Histogram("splitwiser.request_generation_tokens"));
        text.Counter("splitwiser_requests_refused_total", "Requests refused, by reason.", requests.CountsByTag("splitwiser.requests_refused").Select(Reason));
        text.Counter("splitwiser_requests_failed_total", "Admitted requests that ended in an error, by reason.", requests.CountsByTag("splitwiser.requests_failed").Select(Reason));
        text.Counter("splitwiser_request_failovers_total", "Times that a request went on on another device.", (modelLabel, requests.Count("splitwiser.request_failovers")));
    }

    /// <summary>Sums over the devices, as vLLM has them for an engine.</summary>
    private void WriteModel(PrometheusText text)
    {
        var statistics = devices.All.Select(device => device.Statistics).ToList();
        var loads = devices.All.Select(device => device.Load).ToList();
        var pages = devices.All.Select(device => device.Pages).ToList();
        text.Gauge("vllm:num_requests_running", "Requests that hold pages.", (modelLabel, loads.Sum(load => load.Running)));
        text.Gauge("vllm:num_requests_waiting", "Requests that wait for pages.", (modelLabel, loads.Sum(load => load.Waiting)));
        text.Gauge("vllm:kv_cache_usage_perc", "Share of the pages that are leased, 0 to 1.", (modelLabel, pages.Sum(pool => pool.Leased) / (double)Math.Max(1, pages.Sum(pool => pool.Total))));
        text.Counter("vllm:prompt_tokens_total", "Tokens of the prompts that were taken in.", (modelLabel, statistics.Sum(device => device.PromptTokens)));
        text.Counter("vllm:prefix_cache_queries_total", "Prompt tokens looked up in the prefix cache.", (modelLabel, statistics.Sum(device => device.PrefixQueryTokens)));
        text.Counter("vllm:prefix_cache_hits_total", "Prompt tokens found in the prefix cache.", (modelLabel, statistics.Sum(device => device.PrefixHitTokens)));
        text.Counter("vllm:num_preemptions_total", "Sequences that had to give their pages to others for a while.", (modelLabel, statistics.Sum(device => device.Preemptions)));
    }

    private void WriteDevices(PrometheusText text)
    {
        text.Gauge("splitwiser_pages_free", "Pages without content.", Each(device => device.Pages.Free));
        text.Gauge("splitwiser_pages_leased", "Pages that a request holds.", Each(device => device.Pages.Leased));
        text.Gauge("splitwiser_pages_cached", "Pages that no request holds and the prefix cache keeps.", Each(device => device.Pages.Cached));
        text.Gauge("splitwiser_pages_total", "Pages: free, leased and cached.", Each(device => device.Pages.Total));
        text.Gauge("splitwiser_pages_pinned", "Of those leased or cached, the pages that pinned prompts keep.", Each(device => device.Pages.Pinned));
        text.Gauge("splitwiser_host_pages_free", "Pages of main memory behind the device's, without content.", Each(device => device.HostPages.Free));
        text.Gauge("splitwiser_host_pages_used", "Pages of main memory that hold a copy, or are being filled.", Each(device => device.HostPages.Used));
        text.Gauge("splitwiser_host_pages_total", "Pages of main memory: free and used.", Each(device => device.HostPages.Total));
        text.Counter("splitwiser_host_hit_tokens_total", "Prompt tokens found in the prefix cache that were copied from main memory.", Each(device => device.Statistics.HostHitTokens));
        text.Counter("splitwiser_host_copied_pages_total", "Pages copied to main memory (out) and from there (in).",
            from device in Opened
            let statistics = device.Worker.Statistics
            from pages in new[] { ("out", statistics.PagesCopiedOut), ("in", statistics.PagesCopiedIn) }
            select ($"{Device(device.Of)},{PrometheusText.Label("direction", pages.Item1)}", (double)pages.Item2));
        text.Gauge("splitwiser_device_open", "1 while the device takes requests; 0 once it failed or drains.", Each(device => device.IsOpen ? 1 : 0));
        text.Gauge("splitwiser_device_state", "1 for the state that the device is in.",
            from device in devices.Each
            let now = device.Told().State
            from state in Enum.GetValues<DeviceState>()
            select ($"{Device(device)},{PrometheusText.Label("state", state.ToString().ToLowerInvariant())}", now == state ? 1.0 : 0.0));
        text.Gauge("splitwiser_device_memory_bytes", "The device's whole memory.",
            from device in Opened
            select ($"{Device(device.Of)},{PrometheusText.Label("hardware", device.Worker.Runner.Info.DeviceName)}", (double)device.Worker.Runner.Info.MemoryBytes));
        text.Gauge("splitwiser_phase_mode", "1 for the mode in use.",
            from device in Opened
            select ($"{Device(device.Of)},{PrometheusText.Label("mode", device.Worker.Options.Mode.ToString().ToLowerInvariant())}", 1.0));
        text.Counter("splitwiser_handoffs_total", "Prompts that became decode sequences.", Each(device => device.Statistics.Handoffs));
        text.Counter("splitwiser_handoff_copied_bytes_total", "Bytes of pages copied at handoffs.", Each(device => device.Statistics.HandoffPagesCopied * device.Runner.Info.PageBytes));
        text.Counter("splitwiser_prefilled_tokens_total", "Prompt positions computed.", Each(device => device.Statistics.PrefilledTokens));
        text.Counter("splitwiser_discarded_tokens_total", "Tokens sampled past their sequence's end.", Each(device => device.Statistics.DiscardedTokens));
        text.Counter("splitwiser_steps_total", "Steps, by phase.", EachPhase(steps => steps.Count));
        text.Counter("splitwiser_step_tokens_total", "Positions that steps computed, by phase.", EachPhase(steps => steps.Tokens));
        text.Counter("splitwiser_step_seconds_total", "Device time of steps, by phase.", EachPhase(steps => steps.Time.TotalSeconds));
        text.Gauge("splitwiser_phase_processors", "Multiprocessors that the last step had, by phase; 0 where a device has none to count.", EachPhase(steps => steps.Processors));
        text.Counter("splitwiser_processor_seconds_total", "Device time of steps times the multiprocessors that they had, by phase.", EachPhase(steps => steps.ProcessorTime.TotalSeconds));
    }

    private void WriteHost(PrometheusText text)
    {
        using var process = Process.GetCurrentProcess();
        text.Gauge("vllm:cache_config_info", "1; how the pages are set up.", ($"{modelLabel},{PrometheusText.Label("block_size", $"{PageId.Size}")},{PrometheusText.Label("num_gpu_blocks", $"{devices.All.Sum(device => device.Runner.Info.PageCount)}")},{PrometheusText.Label("enable_prefix_caching", $"{devices.All.Any(device => device.Options.PrefixCaching)}")}", 1));
        text.Gauge("splitwiser_build_info", "1; what serves.", ($"{PrometheusText.Label("version", VersionEndpoint.Version.Version)},{PrometheusText.Label("engine", VersionEndpoint.Version.Engine)}", 1));
        text.Gauge("splitwiser_draining", "1 while the silo is shutting down.", ("", drain.IsDraining ? 1 : 0));
        text.Gauge("process_resident_memory_bytes", "Memory of the process.", ("", process.WorkingSet64));
        text.Counter("process_cpu_seconds_total", "Processor time of the process.", ("", process.TotalProcessorTime.TotalSeconds));
        text.Gauge("process_start_time_seconds", "When the process began, in seconds since 1970.", ("", new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0));
    }

    private IEnumerable<(LocalDevice Of, DeviceWorker Worker)> Opened =>
        from device in devices.Each
        where device.Worker is not null
        select (device, device.Worker);

    private IEnumerable<(string, double)> Each(Func<DeviceWorker, double> value) =>
        from device in Opened
        select (Device(device.Of), value(device.Worker));

    private IEnumerable<(string, double)> EachPhase(Func<StepStatistics, double> value) =>
        from device in Opened
        let statistics = device.Worker.Statistics
        from phase in new[] { ("prefill", statistics.PrefillSteps), ("decode", statistics.DecodeSteps), ("mixed", statistics.MixedSteps) }
        select ($"{Device(device.Of)},{PrometheusText.Label("phase", phase.Item1)}", value(phase.Item2));

    private static string Device(LocalDevice device) => PrometheusText.Label("device", device.Key);

    private string Labelled(string name, string value) => $"{modelLabel},{PrometheusText.Label(name, value.ToLowerInvariant())}";

    private (string, double) Reason((string Tag, long Count) count) => (Labelled("reason", count.Tag), count.Count);
}
