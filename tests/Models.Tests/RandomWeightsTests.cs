using Splitwiser.Tests;

namespace Splitwiser.Models.Tests;

public sealed class RandomWeightsTests
{
    private static readonly TinyModel Model = new() { ModelType = "qwen3", Vocabulary = 4000, Hidden = 128, Intermediate = 384 };

    [Fact]
    public void Random_weights_need_only_the_config_and_have_its_shapes()
    {
        using var weights = Make(1);
        weights.Tensors.Select(tensor => (tensor.Name, string.Join(",", tensor.Shape)))
            .ShouldBe(Model.Tensors().Select(tensor => (tensor.Name, string.Join(",", tensor.Shape))), ignoreOrder: true);
        weights.Tensors.ShouldAllBe(tensor => tensor.Type == ElementType.BF16);
    }

    [Fact]
    public void Projections_are_small_and_centred_and_norms_are_near_one()
    {
        using var weights = Make(1);
        foreach (var tensor in weights.Tensors)
        {
            var (mean, deviation) = (tensor.Shape.Length == 1 ? 1.0 : 0.0, 0.02);
            var values = Values(tensor);
            var sum = values.Sum(value => value - mean);
            var spread = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / values.Length);
            Math.Abs(sum / values.Length).ShouldBeLessThan(4 * deviation / Math.Sqrt(values.Length) + 1e-4, tensor.Name);
            spread.ShouldBe(deviation, deviation * (values.Length < 1000 ? 0.5 : 0.05), tensor.Name);
        }
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_weights_on_one_thread_and_on_many()
    {
        using var many = Make(7);
        // Parallel loops run on the current scheduler: this one has a single thread.
        var single = new TaskFactory(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
        using var one = await single.StartNew(() => Make(7), TestContext.Current.CancellationToken);
        many.Tensors.Zip(one.Tensors).ShouldAllBe(pair => Values(pair.First).SequenceEqual(Values(pair.Second)));
    }

    [Fact]
    public void Another_seed_gives_other_weights_and_no_two_tensors_are_alike()
    {
        using var first = Make(1);
        using var second = Make(2);
        Values(first.Embedding).SequenceEqual(Values(second.Embedding)).ShouldBeFalse();
        Values(first.Embedding).SequenceEqual(Values(first.Head)).ShouldBeFalse();
        Values(first.Layers[0].Gate!.Value.Weight).SequenceEqual(Values(first.Layers[0].Up.Weight)).ShouldBeFalse();
    }

    [Fact]
    public unsafe void Every_random_tensor_begins_at_a_multiple_of_64()
    {
        using var weights = Make(1);
        foreach (var tensor in weights.Tensors)
            ((nint)tensor.Data % 64).ShouldBe(0, tensor.Name);
    }

    [Fact]
    public void A_tied_model_has_no_head_of_its_own()
    {
        using var weights = Make(1, Model with { Tied = true });
        weights.Head.ShouldBeSameAs(weights.Embedding);
    }

    [Fact]
    public void A_model_larger_than_the_machine_is_refused_before_anything_is_filled()
    {
        var huge = Model with { Hidden = 1 << 23, Vocabulary = 1 << 23 };
        Should.Throw<InsufficientMemoryException>(() => Make(1, huge)).Message.ShouldContain("MiB");
    }

    private static DecoderWeights Make(int seed, TinyModel? model = null)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], (model ?? Model).Config().ToJsonString());
        return ModelFolder.Open(folder.Path).RandomWeights(seed);
    }

    private static float[] Values(Tensor tensor)
    {
        var values = new float[tensor.ElementCount];
        tensor.CopyTo(values);
        return values;
    }
}
