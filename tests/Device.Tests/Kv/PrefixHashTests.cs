using Splitwiser.Gpu.Kv;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Kv;

public sealed class PrefixHashTests
{
    [Fact]
    public void There_is_one_hash_per_full_page()
    {
        PrefixHash.Of(new int[31], null).ShouldBeEmpty();
        PrefixHash.Of(new int[32], null).Length.ShouldBe(1);
        PrefixHash.Of(new int[95], null).Length.ShouldBe(2);
    }

    [Fact]
    public void A_hash_is_the_same_on_every_machine()
    {
        var tokens = Enumerable.Range(0, 64).ToArray();
        PrefixHash.Of(tokens, null).ShouldBe(Plain(tokens, 0x9E3779B97F4A7C15));
        PrefixHash.Of(tokens, "ab").ShouldBe(Plain(tokens, Mix(Mix(Mix(0xC2B2AE3D27D4EB4F, 2), 'a'), 'b')));

        // The formula once more, by 128-bit arithmetic.
        static ulong[] Plain(int[] tokens, ulong root)
        {
            var first = tokens.Take(32).Chunk(2).Aggregate(root, (hash, pair) => Mix(hash, (ulong)pair[0] + ((ulong)pair[1] << 32)));
            return [first, tokens.Skip(32).Chunk(2).Aggregate(first, (hash, pair) => Mix(hash, (ulong)pair[0] + ((ulong)pair[1] << 32)))];
        }

        static ulong Mix(ulong hash, ulong value)
        {
            var product = (UInt128)(hash ^ value ^ 0xC2B2AE3D27D4EB4F) * 0xD6E8FEB86659FD93;
            return (ulong)(product >> 64) ^ (ulong)product ^ (hash << 29 | hash >> 35);
        }
    }

    [Fact]
    public void Every_token_before_a_page_and_the_salt_count()
    {
        var tokens = Enumerable.Range(0, 96).ToArray();
        var hashes = PrefixHash.Of(tokens, "a");
        for (var i = 0; i < tokens.Length; i++)
        {
            var changed = (int[])tokens.Clone();
            changed[i]++;
            var others = PrefixHash.Of(changed, "a");
            for (var page = 0; page < 3; page++) (others[page] == hashes[page]).ShouldBe(page < i / 32);
        }

        PrefixHash.Of(tokens, "b").ShouldNotContain(hash => hashes.Contains(hash));
        PrefixHash.Of(tokens, "").ShouldNotBe(PrefixHash.Of(tokens, null));
    }

    [Fact]
    public void Prompts_that_differ_a_little_do_not_collide()
    {
        var seen = new HashSet<ulong>();
        var random = new Random(1);
        for (var i = 0; i < 100_000; i++)
        {
            var page = new int[32];
            page[random.Next(32)] = i;
            page[random.Next(32)] += random.Next(4);
            seen.Add(PrefixHash.Next(PrefixHash.Root(null), page));
        }

        seen.Count.ShouldBeGreaterThan(99_000);     // the generator repeats itself now and then
    }

    [Fact]
    public void Different_pages_have_different_hashes() => Property.Holds<(int[] One, int[] Other)>(pair =>
    {
        var one = Page(pair.One);
        var other = Page(pair.Other);
        (PrefixHash.Next(1, one) == PrefixHash.Next(1, other)).ShouldBe(one.SequenceEqual(other));

        static int[] Page(int[] tokens) => [.. tokens.Concat(new int[32]).Take(32)];
    });
}
