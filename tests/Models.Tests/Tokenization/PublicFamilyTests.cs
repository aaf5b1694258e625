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

    [Theory]
    [MemberData(nameof(Families))]
    public void Half_a_megabyte_without_a_break_takes_seconds_at_most(string family)
    {
        var tokenizer = PublicFamily.Tokenizer(family);
        foreach (var unit in new[] { "a", "aB", "7", " ", "\n ", ".", "'s", "\u7684\u4E00\u662F", "\u0301\u0316", "<|im_", "</s" })
        {
            var text = string.Concat(Enumerable.Repeat(unit, (1 << 19) / unit.Length));
            var clock = System.Diagnostics.Stopwatch.StartNew();
            tokenizer.Encode(text).Length.ShouldBeGreaterThan(text.Length / 200);
            clock.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1), $"{unit} over and over"); // less than a second; quadratic work would take hours
        }
    }

    private static int[] Ids(JsonElement item, string name) => [.. item.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
}
