using Splitwiser.Gpu.Cpu;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models;
using Splitwiser.Models.Sampling;
using Splitwiser.Tests;

namespace Splitwiser.Gpu.Tests.Models;

/// <summary>Decode steps of a few rows as one kernel, against the CPU runner on the same random weights.</summary>
public sealed class WholeStepTests
{
    private const string Llama = """ "model_type": "llama", "architectures": ["LlamaForCausalLM"] """;
    private const string Qwen2 = """ "model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"] """;
    private const string Qwen3 = """ "model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"] """;
    private const string Mistral = """ "model_type": "mistral", "architectures": ["MistralForCausalLM"], "sliding_window": 100 """;

    [Theory]
    [InlineData(Llama, 512, 1408, 3, 8, 2, 64), InlineData(Llama, 256, 320, 2, 4, 2, 128), InlineData(Qwen2, 512, 4640, 2, 8, 1, 64)]
    [InlineData(Qwen3, 4608, 416, 2, 6, 3, 128), InlineData(Mistral, 96, 352, 2, 4, 4, 64)]
    public void A_step_in_one_kernel_is_the_cpus(string family, int hidden, int intermediate, int layers, int heads, int kvHeads, int headSize)
    {
        var card = Card.Required;
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], $$"""
            { {{family}}, "vocab_size": 1003, "hidden_size": {{hidden}}, "intermediate_size": {{intermediate}}, "num_hidden_layers": {{layers}},
              "num_attention_heads": {{heads}}, "num_key_value_heads": {{kvHeads}}, "head_dim": {{headSize}}, "hidden_act": "silu", "max_position_embeddings": 2048,
              "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "tie_word_embeddings": false, "bos_token_id": 1, "eos_token_id": 2, "dtype": "bfloat16" }
            """);
        using var weights = ModelFolder.Open(folder.Path).RandomWeights(seed: 3);
        using var cpu = new CpuRunner(weights, new CpuRunnerOptions { Threads = Environment.ProcessorCount, PageCount = 128, MaxRows = 8, MaxTokens = 2048, MaxSequences = 8 });
        using var cuda = CudaRunner.Create(card.Device, weights, new CudaRunnerOptions { PageCount = 128, MaxRows = 8, MaxTokens = 2048, MaxSequences = 8 });
        if (cuda.Kernels.WholeStep is null) Assert.Skip("This card has no such kernel.");
        foreach (var lengths in new int[][] { [300], [1, 130], [31, 32, 33, 64, 700, 5, 100, 257] })
        {
            var expected = Follow(cpu, lengths);
            var actual = Follow(cuda, lengths);
            for (var i = 0; i < expected.Count; i++) Numbers.Distance(actual[i], expected[i]).ShouldBeLessThan(2e-2, $"{string.Join(", ", lengths)}: step and row {i} of {expected.Count}");
        }
    }

    /// <summary>Prefills sequences of these lengths and decodes given tokens; the logits of every step and row.</summary>
    private static List<double[]> Follow(IModelRunner runner, int[] lengths)
    {
        var random = new Random(5);
        var pages = Enumerable.Range(0, 128).ToArray();
        random.Shuffle(pages);
        var nextPage = 0;
        var logits = new List<double[]>();
        var sequences = lengths.Select((length, slot) =>
        {
            var sequence = new Sequence(slot, [.. Enumerable.Range(0, length).Select(_ => random.Next(1003))], length, SamplingParams.Greedy, length + 40);
            while (sequence.PageCount < PageId.CountFor(length + 40)) sequence.AddPage(new PageId(pages[nextPage++]));
            return sequence;
        }).ToArray();
        var prompts = new StepPlan { KeepLogits = true };
        foreach (var sequence in sequences) prompts.Add(new PrefillSegment(sequence, 0, sequence.TokenCount, Samples: true));
        runner.Run(Lane.Decode, prompts).Wait();
        for (var step = 0; step < 35; step++)
        {
            var plan = new StepPlan { KeepLogits = true };
            foreach (var sequence in sequences)
            {
                sequence.Append(random.Next(1003));
                plan.Add(new DecodeRow(sequence, sequence.TokenCount - 1));
            }
            var result = runner.Run(Lane.Decode, plan);
            result.Wait();
            for (var row = 0; row < sequences.Length; row++) logits.Add([.. result.Logits(row).ToArray().Select(value => (double)value)]);
        }
        return logits;
    }
}
