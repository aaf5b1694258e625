using System.Collections.Concurrent;
using Splitwiser.Models.Grammar;
using Splitwiser.Models.Tests.Tokenization;
using Splitwiser.Models.Tokenization;
using Splitwiser.Tests;

namespace Splitwiser.Models.Tests.Grammar;

/// <summary>The tokenizers that grammars are tried on, by name: the demo model's, and those of the public families where they have been fetched.</summary>
internal static class Vocabularies
{
    private static readonly ConcurrentDictionary<string, Lazy<(Tokenizer Tokenizer, Grammars Grammars)>> opened = new();

    public static TheoryData<string> Names => ["demo", .. PublicFamily.Names.Select(row => row.Data)];

    public static (Tokenizer Tokenizer, Grammars Grammars) Open(string name)
    {
        if (name != "demo") PublicFamily.SkipUnlessFetched(name);
        return opened.GetOrAdd(name, _ => new(() =>
        {
            var tokenizer = name == "demo" ? Tokenizer.Load(Path.Combine(Repository.DemoModel, "tokenizer.json")) : PublicFamily.Tokenizer(name);
            return (tokenizer, new Grammars(tokenizer, tokenizer.VocabularySize));
        })).Value;
    }
}
