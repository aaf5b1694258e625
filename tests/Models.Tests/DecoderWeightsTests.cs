using Splitwiser.Tests;

namespace Splitwiser.Models.Tests;

public sealed class DecoderWeightsTests
{
    private sealed class Reports(Action<LoadProgress>? then = null) : List<LoadProgress>, IProgress<LoadProgress>
    {
        public void Report(LoadProgress value)
        {
            Add(value);
            then?.Invoke(value);
        }
    }

    [Theory]
    [InlineData("mapped")]
    [InlineData("copied")]
    [InlineData("random")]
    public void Loading_reports_every_byte_once_and_ends_at_the_total(string kind)
    {
        using var folder = Folder(kind);
        var reports = new Reports();
        using var weights = Load(folder, kind, reports, TestContext.Current.CancellationToken);
        reports.Select(report => report.BytesLoaded).ShouldBe(reports.Select(report => report.BytesLoaded).Order());
        reports.ShouldAllBe(report => report.TotalBytes == weights.ByteCount);
        reports[^1].BytesLoaded.ShouldBe(weights.ByteCount);
    }

    [Theory]
    [InlineData("mapped")]
    [InlineData("copied")]
    [InlineData("random")]
    public void Cancelling_ends_the_loading(string kind)
    {
        using var folder = Folder(kind);
        using var cancel = new CancellationTokenSource();
        var reports = new Reports(report => cancel.Cancel());
        Should.Throw<OperationCanceledException>(() => Load(folder, kind, reports, cancel.Token));
        reports.Count.ShouldBe(1);
    }

    [Fact]
    public unsafe void A_tensor_of_disposed_weights_has_no_data()
    {
        using var folder = new TinyModel().Write();
        var weights = ModelFolder.Open(folder.Path).LoadWeights(ct: TestContext.Current.CancellationToken);
        var random = ModelFolder.Open(folder.Path).RandomWeights(1, ct: TestContext.Current.CancellationToken);
        Tensor[] tensors = [weights.Embedding, weights.Layers[1].Down.Weight, random.Embedding];
        weights.Dispose();
        random.Dispose();
        weights.Dispose();
        foreach (var tensor in tensors)
        {
            Should.Throw<ObjectDisposedException>(() => { _ = *tensor.Data; });
            Should.Throw<ObjectDisposedException>(() => tensor.CopyTo(new float[1]));
        }
    }

    [Fact]
    public void A_tensor_alone_keeps_its_memory_alive()
    {
        using var folder = new TinyModel().Write();
        var (tensor, value) = TakeOne(folder.Path);
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        ValueOf(tensor).ShouldBe(value);
    }

    [Fact]
    public void Rows_are_copied_as_singles_and_not_past_the_end()
    {
        using var folder = new TinyModel().Write();
        using var weights = ModelFolder.Open(folder.Path).LoadWeights(ct: TestContext.Current.CancellationToken);
        var all = new float[64 * 32];
        weights.Embedding.CopyTo(all);
        var row = new float[32];
        weights.Embedding.CopyTo(row, 63 * 32);
        row.ShouldBe(all[^32..]);
        Should.Throw<ArgumentOutOfRangeException>(() => weights.Embedding.CopyTo(row, 63 * 32 + 1));
        Should.Throw<ArgumentOutOfRangeException>(() => weights.Embedding.CopyTo(row, -1));
    }

    [Fact]
    public void A_base_model_is_saved_without_the_heads_prefix_and_needs_tied_embeddings()
    {
        using var tied = WithoutPrefix(new TinyModel { Tied = true });
        using var weights = ModelFolder.Open(tied.Path).LoadWeights(ct: TestContext.Current.CancellationToken);
        weights.Layers.Length.ShouldBe(2);
        weights.Head.ShouldBeSameAs(weights.Embedding);
        using var headless = WithoutPrefix(new TinyModel());
        Should.Throw<ModelFormatException>(() => ModelFolder.Open(headless.Path).LoadWeights(ct: TestContext.Current.CancellationToken)).Subject.ShouldBe("lm_head.weight");

        static TemporaryFolder WithoutPrefix(TinyModel model)
        {
            const string prefix = "model.";
            var folder = model.Write();
            var tensors = model.Tensors().Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal));
            StoredTensor.WriteAll(folder["model.safetensors"], tensors.Select(tensor => tensor with { Name = tensor.Name[prefix.Length..] }));
            return folder;
        }
    }

    private static TemporaryFolder Folder(string kind)
    {
        var model = new TinyModel();
        var folder = model.Write();
        if (kind == "copied")
            StoredTensor.WriteAll(folder["model.safetensors"], model.Tensors(), skew: 1);
        return folder;
    }

    private static DecoderWeights Load(TemporaryFolder folder, string kind, Reports reports, CancellationToken ct)
    {
        var opened = ModelFolder.Open(folder.Path);
        return kind == "random" ? opened.RandomWeights(1, reports, ct) : opened.LoadWeights(reports, ct);
    }

    private static (Tensor Tensor, float Value) TakeOne(string folder)
    {
        var tensor = ModelFolder.Open(folder).LoadWeights().Layers[0].Up.Weight;
        return (tensor, ValueOf(tensor));
    }

    private static float ValueOf(Tensor tensor)
    {
        var value = new float[1];
        tensor.CopyTo(value, tensor.ElementCount - 1);
        return value[0];
    }
}
