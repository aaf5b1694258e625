using System.Collections.Concurrent;
using System.Text.Json;
using Splitwiser.Models.Tokenization;
using Splitwiser.Tests;

namespace Splitwiser.Models.Tests.Tokenization;

/// <summary>A public model family's tokenizer files, where they have been fetched, and its golden values.</summary>
internal static class PublicFamily
{
    private static readonly ConcurrentDictionary<string, Lazy<Tokenizer>> tokenizers = new();

    public static TheoryData<string> Names => ["qwen3", "llama2", "mistral_nemo"];

    public static string Folder(string family) => Path.Combine(Repository.Root, ".external", "tokenizers", family);

    public static JsonElement Golden(string family) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "tokenizer-golden", $"{family}.json"))).RootElement;

    public static void SkipUnlessFetched(string family) =>
        Assert.SkipUnless(File.Exists(Path.Combine(Folder(family), "tokenizer.json")), "tests/fetch-tokenizers.sh has not been run");

    public static Tokenizer Tokenizer(string family)
    {
        SkipUnlessFetched(family);
        return tokenizers.GetOrAdd(family, name => new(() => Splitwiser.Models.Tokenization.Tokenizer.Load(Path.Combine(Folder(name), "tokenizer.json")))).Value;
    }
}
