using Splitwiser.Tests;

namespace Splitwiser.Models.Tests;

public sealed class ModelFolderTests
{
    [Theory]
    [InlineData("llama", ModelFamily.Llama)]
    [InlineData("llama3-rope", ModelFamily.Llama)]
    [InlineData("mistral-window", ModelFamily.Mistral)]
    [InlineData("qwen2", ModelFamily.Qwen2)]
    [InlineData("qwen3", ModelFamily.Qwen3)]
    public void Every_supported_fixture_opens_with_its_weights(string name, ModelFamily family)
    {
        var folder = ModelFolder.Open(Repository.Fixture(name));
        folder.Name.ShouldBe(name);
        folder.Config.Family.ShouldBe(family);
        using var weights = folder.LoadWeights(ct: TestContext.Current.CancellationToken);
        weights.Layers.Length.ShouldBe(2);
        weights.Embedding.Shape.ShouldBe([512, 64]);
        (weights.Layers[1].QueryNorm is not null).ShouldBe(family == ModelFamily.Qwen3);
    }
}
