using Splitwiser.Gpu.Phases;
using Splitwiser.Grains;

namespace Splitwiser.Silo.Options;

/// <summary>
/// What a silo serves and how. Read from appsettings.json, the environment and the command line, in that order of precedence,
/// and checked before anything starts. Each property's description is what --help prints.
/// </summary>
public sealed record SplitwiserOptions
{
    /// <summary>The section of appsettings.json.</summary>
    public const string Section = "Splitwiser";

    /// <summary>The value of <see cref="Devices"/> that names every GPU.</summary>
    public const string AllDevices = "all";

    [Setting("model", "Hugging Face model folder: config.json, *.safetensors, tokenizer.json.", Value = "DIR")]
    public string Model { get; init; } = "";

    [Setting("served-model-name", "Name of the model in the API; the folder's name when absent.", Value = "NAME")]
    public string? ServedModelName { get; init; }

    [Setting("chat-template", "Jinja file that writes chats as prompts, instead of the model's own.", Value = "FILE")]
    public string? ChatTemplate { get; init; }

    [Setting("tool-call-parser", "How calls of tools are found in answers: auto (by the chat template), none, hermes (Qwen too), llama3 or mistral.", Value = "FAMILY")]
    public ToolCallParser ToolCallParser { get; init; } = ToolCallParser.Auto;

    [Setting("reasoning-parser", "How thoughts are found in answers: auto (by the chat template), none or think (between <think> and </think>).", Value = "WAY")]
    public ReasoningParser ReasoningParser { get; init; } = ReasoningParser.Auto;

    [Setting("pooling", "How hidden states become embeddings: auto (by the model's 1_Pooling/config.json, else last), mean or last.", Value = "WAY")]
    public PoolingOption Pooling { get; init; } = PoolingOption.Auto;

    [Setting("random-weights", "Draws the weights from a seed: needs config.json alone.")]
    public bool RandomWeights { get; init; }

    [Setting("seed", "Seed of random weights.", Value = "N", Min = 0)]
    public int Seed { get; init; }

    [Setting("device", "What to compute on: cuda (NVIDIA GPUs), cpu, auto (the GPUs that can serve the model, without one the CPU), or none: requests go to devices of other silos.", Value = "KIND")]
    public DeviceKind Device { get; init; } = DeviceKind.Auto;

    [Setting("devices", "Which GPUs, one device each: all, or their numbers as the driver counts them, as in 0,2.", Value = "LIST")]
    public string Devices { get; init; } = AllDevices;

    [Setting("max-model-len", "Longest prompt and answer together, in tokens; the model's own limit when absent.", Value = "TOKENS", Min = 2)]
    public int? MaxModelLen { get; init; }

    [Setting("max-num-seqs", "Most sequences that one device runs at once; 256 on a GPU and 64 on the CPU when absent.", Value = "N", Min = 1, Max = 4096)]
    public int? MaxNumSeqs { get; init; }

    [Setting("max-num-batched-tokens", "Most tokens in one step of a device; 8192 on a GPU and 512 on the CPU when absent.", Value = "TOKENS", Min = 32, Max = 65536)]
    public int? MaxNumBatchedTokens { get; init; }

    [Setting("gpu-memory-utilization",
        "Share of a GPU's memory that weights, working memory and key/value pages may take together, 0.9 when absent. On the CPU, the share of the free " +
        "main memory that the pages of all devices may take, 0.25 when absent, and no more than max-num-seqs sequences of max-model-len tokens fill.", Value = "SHARE", Min = 0.001, Max = 0.95)]
    public double? GpuMemoryUtilization { get; init; }

    [Setting("num-gpu-blocks-override", "Key/value pages of each device (32 tokens each), instead of a share of the memory.", Value = "PAGES", Min = 2)]
    public int? NumGpuBlocksOverride { get; init; }

    [Setting("enable-prefix-caching", "Keeps the pages of finished prompts for prompts that begin alike.")]
    public bool EnablePrefixCaching { get; init; } = true;

    [Setting("kv-offloading-size",
        "Main memory behind each device's pages, in GiB: cold pages are copied there, and back when a prompt begins with them, instead of being computed again. None when absent.", Value = "GIB", Min = 0.0001, Max = 65536)]
    public double? KvOffloadingSize { get; init; }

    [Setting("pinned-prompts", "JSON file: an array of system prompts that every device computes at the start and keeps cached. None when absent.", Value = "FILE")]
    public string? PinnedPrompts { get; init; }

    [Setting("max-pinned-share", "Largest share of a device's pages that pinned prompts may take.", Value = "SHARE", Min = 0, Max = 0.9)]
    public double MaxPinnedShare { get; init; } = 0.25;

    [Setting("phase-mode", "How prompt and token phase share a device: adaptive, serial, chunked, streams or partition.", Value = "MODE")]
    public PhaseMode PhaseMode { get; init; } = PhaseMode.Adaptive;

    [Setting("decode-sms", "With --phase-mode partition: the least multiprocessors of a GPU that decode gets for itself; prefill gets the others in whole groups of 8. A quarter of them when absent.", Value = "N", Min = 1, Max = 1024)]
    public int? DecodeSms { get; init; }

    [Setting("enforce-eager", "Launches the kernels of a decode step one by one instead of as a CUDA graph.")]
    public bool EnforceEager { get; init; }

    [Setting("batch-invariant", "On a GPU, tokens that depend on their own request only, not on what is computed beside it: fixed algorithms and sums, at a price in speed.")]
    public bool BatchInvariant { get; init; }

    [Setting("kernel-cache", "Where compiled GPU kernels and the choice of matrix algorithms are kept; splitwiser/kernels in the user's cache folder when absent.", Value = "DIR")]
    public string? KernelCache { get; init; }

    [Setting("cpu-devices", "Devices of this silo on the CPU, 1 when absent; they share the weights.", Value = "N", Min = 1, Max = 64)]
    public int? CpuDevices { get; init; }

    [Setting("threads", "Compute threads of each device on the CPU; the processors divided by the devices when absent.", Value = "N", Min = 1, Max = 1024)]
    public int? Threads { get; init; }

    [Setting("itl-target", "Longest wanted time between two tokens of an answer, which the adaptive mode keeps to, in milliseconds.", Value = "MS", Min = 1, Max = 60000)]
    public double ItlTarget { get; init; } = 50;

    [Setting("ttft-target",
        "Longest wanted wait for a first token, in milliseconds: a prompt that those before it would keep waiting for longer is refused with a 429 that says when to come back. " +
        "The prompt's own length does not count.", Value = "MS", Min = 1, Max = 3600000)]
    public double TtftTarget { get; init; } = 30_000;

    [Setting("routing", "How a request's device is chosen: kv-aware (cached prefix against load), least-loaded or round-robin.", Value = "RULE")]
    public RoutingRule Routing { get; init; }

    [Setting("queue-limit", "Most requests that wait on one device; more are refused with a 429.", Value = "N", Min = 1, Max = 1000000)]
    public int QueueLimit { get; init; } = 1024;

    [Setting("api-key", "Keys that callers must show, parted by commas; without one, and without the hashed ones of ApiKeys, everybody is let in.", Value = "KEY")]
    public string? ApiKey { get; init; }

    [Setting("admin-key", "Key of the operator's endpoints below /admin, which open, drain, check and remove devices: at least 16 characters. Without one there are no such endpoints.", Value = "KEY")]
    public string? AdminKey { get; init; }

    [Setting("requests-per-minute", "Most requests a minute of one key, or of all callers where no key is needed; more get a 429. No limit when absent.", Value = "N", Min = 1)]
    public int? RequestsPerMinute { get; init; }

    [Setting("max-concurrent-requests", "Most requests of one key, or of all callers where no key is needed, that run at a time; more get a 429. No limit when absent.", Value = "N", Min = 1)]
    public int? MaxConcurrentRequests { get; init; }

    [Setting("max-body-bytes", "Largest body of a request; more is a 413.", Value = "BYTES", Min = 1024, Max = 1 << 30)]
    public int MaxBodyBytes { get; init; } = 32 << 20;

    [Setting("max-prompt-chars", "Longest prompt that is tokenized at all, in characters; 100 for each token of the context when absent.", Value = "N", Min = 1)]
    public int? MaxPromptChars { get; init; }

    [Setting("request-timeout", "How many seconds a request may take in all.", Value = "SECONDS", Min = 0.1, Max = 86400)]
    public double RequestTimeout { get; init; } = 3600;

    [Setting("allowed-origins", "Origins whose web pages may call, parted by commas, or *; none when absent.", Value = "LIST")]
    public string? AllowedOrigins { get; init; }

    [Setting("allowed-hosts", "Names by which requests may call this host, parted by commas, or *. When absent, any; but loopback names alone where only this machine reaches the silo and no key is needed.", Value = "LIST")]
    public string? AllowedHosts { get; init; }

    [Setting("ssl-certfile", "Certificate of https addresses: PEM with --ssl-keyfile, otherwise PKCS #12.", Value = "FILE")]
    public string? SslCertfile { get; init; }

    [Setting("ssl-keyfile", "Private key of the certificate, PEM.", Value = "FILE")]
    public string? SslKeyfile { get; init; }

    [Setting("consumer-idle-timeout", "After how many seconds an answer that nobody reads gives its pages back.", Value = "SECONDS", Min = 0.1, Max = 3600)]
    public double ConsumerIdleTimeout { get; init; } = 10;

    [Setting("shutdown-timeout", "How many seconds running requests may take to end at shutdown.", Value = "SECONDS", Min = 0, Max = 3600)]
    public double ShutdownTimeout { get; init; } = 30;

    [Setting("log-format", "How the log is written: text, or json for machines.", Value = "FORMAT")]
    public LogFormat LogFormat { get; init; }

    [Setting("otlp-traces-endpoint", "Base address of an OpenTelemetry collector that spans are sent to; none when absent and OTEL_EXPORTER_OTLP_ENDPOINT is not set.", Value = "URL")]
    public string? OtlpTracesEndpoint { get; init; }

    [Setting("silo-name", "Name of this silo in the cluster, the first half of its devices' names; the machine's name when absent.", Value = "NAME")]
    public string? SiloName { get; init; }
}
