using System.Text.Json;
using Splitwiser.Models.Tokenization;

namespace Splitwiser.Models.Tests.Tokenization;

public sealed class PublicFamilyTests
{
    public static TheoryData<string> Families => PublicFamily.Names;

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_golden_text_has_exactly_the_reference_ids(string family)
    {
        var tokenizer = PublicFamily.Tokenizer(family);
        foreach (var item in PublicFamily.Golden(family).GetProperty("texts").EnumerateArray())
        {
            var text = item.GetProperty("text").GetString()!;
            tokenizer.Encode(text, addSpecialTokens: false).ShouldBe(Ids(item, "ids"), text);
            tokenizer.Encode(text).ShouldBe(Ids(item, "ids_special"), text);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_golden_text_decodes_exactly(string family)
    {
        var tokenizer = PublicFamily.Tokenizer(family);
        foreach (var item in PublicFamily.Golden(family).GetProperty("texts").EnumerateArray())
            tokenizer.Decode(Ids(item, "ids"), skipSpecialTokens: false).ShouldBe(item.GetProperty("decoded").GetString());
    }

    private static int[] Ids(JsonElement item, string name) => [.. item.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
}
