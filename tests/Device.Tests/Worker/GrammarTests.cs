using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;
using Splitwiser.Models.Grammar;
using Splitwiser.Models.Sampling;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Worker;

/// <summary>Constrained sequences on the worker over the demo model: the same tokens alone, in company, in every mode, preempted and resumed.</summary>
public sealed class GrammarTests : IDisposable
{
    private const string Schema = """
        {"type":"object","properties":{"name":{"type":"string","maxLength":10},"n":{"type":"integer","minimum":-5,"maximum":99},
         "list":{"type":"array","items":{"enum":["a","b"]},"maxItems":3}},"required":["name","n","list"]}
        """;

    private static readonly Constraint json = new() { Kind = ConstraintKind.JsonSchema, Source = Schema };

    private readonly ModelFolder folder = ModelFolder.Open(Repository.DemoModel);
    private readonly DecoderWeights weights;
    private readonly Grammars grammars;

    public GrammarTests()
    {
        weights = folder.LoadWeights(null, Ct);
        grammars = new Grammars(folder.Tokenizer!, folder.Config.VocabularySize);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private int End => folder.Defaults.EosTokenIds[0];

    public void Dispose() => weights.Dispose();

    [Theory]
    [InlineData(PhaseMode.Serial)]
    [InlineData(PhaseMode.Chunked)]
    [InlineData(PhaseMode.Streams)]
    [InlineData(PhaseMode.Adaptive)]
    public async Task Constrained_and_free_sequences_say_in_company_what_they_say_alone(PhaseMode mode)
    {
        var requests = Enumerable.Range(0, 8).Select(seed => Request(seed, constrained: seed % 2 == 0)).ToArray();
        var alone = new List<int[]>();
        await using (var device = Open(PhaseMode.Serial, pageCount: 64))
            foreach (var request in requests) alone.Add((await Generate(device, request)).Tokens);
        await using var busy = Open(mode, pageCount: 12);       // too few for all: some are preempted
        var answers = await Task.WhenAll(requests.Select(request => Generate(busy, request)));
        for (var i = 0; i < requests.Length; i++) answers[i].Tokens.ShouldBe(alone[i]);
        foreach (var (tokens, end) in answers.Where((_, i) => i % 2 == 0))
        {
            end.ShouldBe(new SequenceEnd(EndReason.Stop, End));
            using var value = JsonDocument.Parse(folder.Tokenizer!.Decode(tokens));
            SchemaValidator.IsValid(value.RootElement, JsonDocument.Parse(Schema).RootElement).ShouldBeTrue();
        }
        busy.CheckInvariants();
        busy.Pages.Leased.ShouldBe(0);
    }

    [Fact]
    public async Task A_stream_resumed_in_the_middle_of_an_object_goes_on_as_it_would_have()
    {
        var request = Request(4, constrained: true);
        await using var device = Open(PhaseMode.Adaptive, pageCount: 64);
        var (whole, _) = await Generate(device, request);
        for (var delivered = 1; delivered < whole.Length; delivered += 3)
        {
            await using var other = Open(PhaseMode.Adaptive, pageCount: 64);
            var (rest, end) = await Generate(other, request with { Tokens = (int[])[.. request.Tokens.Span, .. whole[..delivered]] }, delivered);
            rest.ShouldBe(whole[delivered..]);
            end.Reason.ShouldBe(EndReason.Stop);
        }
    }

    [Fact]
    public async Task Output_that_does_not_keep_to_the_constraint_is_not_resumed()
    {
        await using var device = Open(PhaseMode.Serial, pageCount: 64);
        var request = Request(1, constrained: true);
        var wrong = folder.Tokenizer!.Encode("]", addSpecialTokens: false);
        var refusal = await Should.ThrowAsync<DeviceRefusedException>(() => device.Prefill(request with { Tokens = (int[])[.. request.Tokens.Span, .. wrong] }, Ct));
        refusal.Reason.ShouldBe(DeviceRefusal.Invalid);
        refusal.Message.ShouldContain("does not keep to");
        device.Pages.Leased.ShouldBe(0);
    }

    [Fact]
    public async Task A_constraint_that_cannot_be_honoured_is_refused_and_leases_nothing()
    {
        await using var device = Open(PhaseMode.Serial, pageCount: 64);
        var request = Request(1, constrained: true) with { Constraint = new Constraint { Kind = ConstraintKind.JsonSchema, Source = """{"not":{}}""" } };
        (await Should.ThrowAsync<DeviceRefusedException>(() => device.Prefill(request, Ct))).Message.ShouldContain("'not'");
        device.Pages.Leased.ShouldBe(0);
    }

    [Fact]
    public async Task Without_an_end_token_a_whole_output_ends_by_itself()
    {
        await using var device = Open(PhaseMode.Serial, pageCount: 64);
        var request = Request(1, constrained: true);
        var (tokens, end) = await Generate(device, request with
        {
            Sampling = request.Sampling with { EndTokenIds = [] }, Constraint = new Constraint { Kind = ConstraintKind.Text, Source = "done." },
        });
        folder.Tokenizer!.Decode(tokens).ShouldBe("done.");
        end.ShouldBe(new SequenceEnd(EndReason.Stop));
    }

    [Fact]
    public async Task An_output_that_no_token_continues_ends_with_an_error()
    {
        await using var poor = Open(PhaseMode.Serial, pageCount: 64, new Grammars(SmallVocabulary(), folder.Config.VocabularySize));
        var request = Request(1, constrained: true) with { Constraint = new Constraint { Kind = ConstraintKind.Text, Source = "ab" } };
        var handoff = await poor.Prefill(request, Ct);
        using var reader = poor.Attach(handoff.Lease, 0);
        await Should.ThrowAsync<GrammarStuckException>(async () =>
        {
            while (await reader.WaitToReadAsync(Ct))
                while (reader.TryRead(out _)) { }
        });
        await TestDevice.Until(() => poor.Pages.Leased == 0, "no page is leased");
    }

    private static Models.Tokenization.Tokenizer SmallVocabulary()
    {
        using var file = new TemporaryFolder();
        File.WriteAllText(file["tokenizer.json"], """
            {"version":"1.0","added_tokens":[],"normalizer":null,"pre_tokenizer":null,"post_processor":null,"decoder":null,
             "model":{"type":"BPE","vocab":{"<unk>":0,"a":1},"merges":[]}}
            """);
        return Models.Tokenization.Tokenizer.Load(file["tokenizer.json"]);
    }

    private PromptRequest Request(int seed, bool constrained)
    {
        var prompt = folder.Tokenizer!.Encode($"And it came to pass in the days of the {seed} kings, that");
        return new PromptRequest
        {
            Tokens = prompt,
            OutputStart = prompt.Length,
            MaxTokens = constrained ? 200 : 60,
            Sampling = new SamplingParams { Temperature = 1.2f, Seed = (ulong)seed, TopP = 0.95f, FrequencyPenalty = 0.2f, EndTokenIds = [End] },
            Constraint = constrained ? json : null,
            CacheOutput = true,
        };
    }

    private DeviceWorker Open(PhaseMode mode, int pageCount, Grammars? others = null)
    {
        var runner = new CpuRunner(weights, new CpuRunnerOptions { Threads = 2, PageCount = pageCount, MaxRows = 8, MaxTokens = 64, MaxSequences = 8 });
        var options = new DeviceOptions { Mode = mode, MaxSequences = 8, MaxBatchedTokens = 48, PrefillSlice = 20, MaxModelLength = 300 };
        var worker = new DeviceWorker(runner, options, TimeProvider.System, NullLogger<DeviceWorker>.Instance, others ?? grammars);
        _ = worker.Closed.ContinueWith(_ => runner.Dispose(), Ct, TaskContinuationOptions.None, TaskScheduler.Default);
        return worker;
    }

    private static async Task<(int[] Tokens, SequenceEnd End)> Generate(DeviceWorker device, PromptRequest request, int from = 0)
    {
        var handoff = await device.Prefill(request, Ct);
        using var reader = device.Attach(handoff.Lease, from);
        var (tokens, end) = await TestDevice.ReadAll(reader, Ct);
        return ([.. tokens], end);
    }
}
