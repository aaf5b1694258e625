using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Splitwiser.Tests;
using Property = Splitwiser.Tests.Property;

namespace Splitwiser.Grains.Tests;

public sealed class StopScannerTests
{
    [Theory]
    [InlineData("to be or not", "or", "to be ", "or")]
    [InlineData("to be or not", "never", "to be or not", null)]
    [InlineData("aaab", "aab", "a", "aab")]             // the match begins within a broken match
    [InlineData("ababac", "abac", "ab", "abac")]
    [InlineData("abcd", "abcd|bc", "a", "bc")]          // the one that ends first
    [InlineData("xab", "b|ab", "x", "ab")]              // of two that end together the longest
    [InlineData("xab", "ab|b", "x", "ab")]
    [InlineData("ab", "abc", "ab", null)]               // begun, not met: the text's end gives it back
    [InlineData("say 😁 or 😀", "😀", "say 😁 or ", "😀")] // they share their first half
    public void The_text_is_cut_at_the_first_stop_string(string text, string stops, string expected, string? met)
    {
        var scanner = new StopScanner([.. stops.Split('|')], include: false);
        (scanner.Scan(text) + scanner.Rest()).ShouldBe(expected);
        scanner.Met.ShouldBe(met);
    }

    [Fact]
    public void What_could_begin_a_stop_string_is_held_back_and_nothing_else()
    {
        var scanner = new StopScanner(["<end>"], include: false);
        scanner.Scan("one <").ShouldBe("one ");
        scanner.Scan("en").ShouldBe("");
        scanner.Scan("ough> <e").ShouldBe("<enough> ");
        scanner.Scan("nd> more").ShouldBe("");
        scanner.Met.ShouldBe("<end>");
        scanner.Scan("after").ShouldBe("");
        scanner.Rest().ShouldBe("");
    }

    [Fact]
    public void A_stop_string_that_ends_too_early_is_text_but_may_begin_early()
    {
        var scanner = new StopScanner(["stop"], include: false);
        scanner.Scan("stop", armed: false).ShouldBe("stop");
        scanner.Scan(" st", armed: false).ShouldBe(" ");
        scanner.Scan("op", armed: true).ShouldBe("");
        scanner.Met.ShouldBe("stop");
    }

    [Fact]
    public void For_all_texts_stops_and_pieces_the_streamed_text_is_the_whole_text_cut_at_the_first_stop() =>
        Property.Holds(Cases.ToArbitrary(), example =>
        {
            var (expected, met) = Cut(example.Text, example.Stops, example.Include);
            var scanner = new StopScanner(example.Stops, example.Include);
            var streamed = "";
            var at = 0;
            foreach (var length in example.Pieces.Append(example.Text.Length))
            {
                var piece = example.Text.Substring(at, Math.Min(length, example.Text.Length - at));
                at += piece.Length;
                streamed += scanner.Scan(piece);
                expected.ShouldStartWith(streamed);
                if (scanner.Met is null) (at - streamed.Length).ShouldBeLessThan(example.Stops.Max(stop => stop.Length), "only a stop string's beginning is held back");
            }

            (streamed + scanner.Rest()).ShouldBe(expected);
            scanner.Met.ShouldBe(met);
        });

    private static Gen<Example> Cases =>
        from text in Letters(0, 24)
        from count in Gen.Choose(1, 3)
        from stops in Letters(1, 4).ListOf(count)
        from pieces in Gen.Choose(0, 5).ListOf(8)
        from include in Gen.Elements(true, false)
        select new Example(text, [.. stops], [.. pieces], include);

    private static Gen<string> Letters(int least, int most) =>
        from length in Gen.Choose(least, most)
        from letters in Gen.Elements('a', 'b', 'c').ListOf(length)
        select string.Concat(letters);

    /// <summary>The definition, without a stream: the shortest beginning of the text that ends with a stop string.</summary>
    private static (string Text, string? Met) Cut(string text, ImmutableArray<string> stops, bool include)
    {
        for (var end = 1; end <= text.Length; end++)
        {
            var met = stops.Where(stop => text.AsSpan(0, end).EndsWith(stop)).MaxBy(stop => stop.Length);
            if (met is not null) return (text[..(include ? end : end - met.Length)], met);
        }

        return (text, null);
    }

    private sealed record Example(string Text, ImmutableArray<string> Stops, ImmutableArray<int> Pieces, bool Include);
}
