using Splitwiser.Gpu.Kv;

namespace Splitwiser.Device.Tests.Kv;

public sealed class PagePoolTests
{
    private const int Page = PageId.Size;

    private readonly PagePool pool = new(pageCount: 8, incarnation: 7);

    [Fact]
    public void A_new_pool_is_all_free() => pool.Accounts.ShouldBe(new PoolAccounts(Free: 8, Leased: 0, Cached: 0, Total: 8));

    [Fact]
    public void A_lease_gets_all_its_pages_or_none()
    {
        Lease(Tokens(1, 5 * Page), pages: 5);
        var second = pool.Open();
        pool.TryLease(second, Tokens(2, 4 * Page), [], pageCount: 4, spare: 0).ShouldBeFalse();
        second.Count.ShouldBe(0);
        pool.Accounts.ShouldBe(new PoolAccounts(3, 5, 0, 8));
        pool.TryLease(second, Tokens(2, 3 * Page), [], pageCount: 3, spare: 0).ShouldBeTrue();
        pool.CheckInvariants();
    }

    [Fact]
    public void A_lease_leaves_the_spare_pages()
    {
        var lease = pool.Open();
        pool.TryLease(lease, Tokens(1, 7 * Page), [], pageCount: 7, spare: 2).ShouldBeFalse();
        pool.TryLease(lease, Tokens(1, 7 * Page), [], pageCount: 7, spare: 1).ShouldBeTrue();
    }

    [Fact]
    public void Releasing_twice_gives_back_once()
    {
        var lease = Lease(Tokens(1, Page), pages: 2);
        pool.Release(lease).ShouldBeTrue();
        pool.Release(lease).ShouldBeFalse();
        pool.Close(lease).ShouldBeTrue();
        pool.Close(lease).ShouldBeFalse();
        pool.Accounts.Free.ShouldBe(8);
        pool.CheckInvariants();
    }

    [Fact]
    public void A_lease_of_another_incarnation_is_refused()
    {
        var stale = new PagePool(8, incarnation: 6).Open();
        Should.Throw<ArgumentException>(() => pool.Release(stale)).Message.ShouldContain("incarnation 7");
        Should.Throw<ArgumentException>(() => pool.TryGrow(stale, out _));
        pool.WasOpened(stale.Id).ShouldBeFalse();
    }

    [Fact]
    public void A_closed_lease_gets_no_pages()
    {
        var lease = Lease(Tokens(1, Page), pages: 1);
        pool.Close(lease);
        Should.Throw<InvalidOperationException>(() => pool.TryGrow(lease, out _));
        Should.Throw<InvalidOperationException>(() => pool.TryLease(lease, Tokens(1, Page), [], 1, 0));
    }

    [Fact]
    public void Published_pages_stay_cached_and_the_next_prompt_shares_them()
    {
        var tokens = Tokens(1, 3 * Page + 5);
        var first = Lease(tokens, pages: 4);
        pool.Publish(first, tokens, tokens.Length);
        var pages = first.Pages[..3].ToArray();
        pool.Release(first);
        pool.Accounts.ShouldBe(new PoolAccounts(Free: 5, Leased: 0, Cached: 3, Total: 8));

        var second = Lease(tokens, pages: 4);
        second.FromCache.ShouldBe(3);
        second.Pages[..3].ToArray().ShouldBe(pages);
        pool.Accounts.ShouldBe(new PoolAccounts(4, 4, 0, 8));
        pool.CheckInvariants();
    }

    [Fact]
    public void Two_leases_count_a_shared_page_once_and_it_returns_with_the_last()
    {
        var tokens = Tokens(1, 2 * Page + 1);
        var first = Lease(tokens, pages: 3);
        pool.Publish(first, tokens, tokens.Length);
        var second = Lease(tokens, pages: 3);
        pool.SharedPages(second).ShouldBe(2);
        pool.Accounts.Leased.ShouldBe(4);
        pool.Release(first);
        pool.Accounts.ShouldBe(new PoolAccounts(Free: 5, Leased: 3, Cached: 0, Total: 8));
        pool.Release(second);
        pool.Accounts.ShouldBe(new PoolAccounts(Free: 6, Leased: 0, Cached: 2, Total: 8));
    }

    [Fact]
    public void A_full_hit_computes_the_last_page_again()
    {
        var tokens = Tokens(1, 2 * Page);
        var first = Lease(tokens, pages: 3);
        pool.Publish(first, tokens, tokens.Length);
        var second = Lease(tokens, pages: 3);
        second.FromCache.ShouldBe(1);
        second.Pages[1].ShouldNotBe(first.Pages[1]);
    }

    [Fact]
    public void Only_full_pages_below_the_length_are_published()
    {
        var tokens = Tokens(1, 3 * Page);
        var lease = Lease(tokens, pages: 3);
        pool.Publish(lease, tokens, 2 * Page - 1);
        lease.Published.ShouldBe(1);
        pool.Publish(lease, tokens, 2 * Page);
        lease.Published.ShouldBe(2);
    }

    [Fact]
    public void Prompts_of_different_salts_share_nothing()
    {
        var tokens = Tokens(1, 2 * Page + 1);
        var first = Lease(tokens, pages: 3, salt: "tenant a");
        pool.Publish(first, tokens, tokens.Length);
        Lease(tokens, pages: 3, salt: "tenant b").FromCache.ShouldBe(0);
        pool.Release(first);
        Lease(tokens, pages: 3, salt: "tenant a").FromCache.ShouldBe(2);
    }

    [Fact]
    public void A_hash_that_collides_shares_nothing()
    {
        var tokens = Tokens(1, Page + 1);
        var first = Lease(tokens, pages: 2);
        pool.Publish(first, tokens, tokens.Length);

        var other = Tokens(2, Page + 1);
        var second = pool.Open();
        pool.TryLease(second, other, PrefixHash.Of(tokens, null).AsSpan(), 2, 0).ShouldBeTrue();    // the hash of the first prompt
        second.FromCache.ShouldBe(0);

        var salted = pool.Open("salt");
        pool.TryLease(salted, tokens, PrefixHash.Of(tokens, null).AsSpan(), 2, 0).ShouldBeTrue();
        salted.FromCache.ShouldBe(0);
        pool.CheckInvariants();
    }

    [Fact]
    public void The_page_unused_for_longest_is_reused_first_and_chains_lose_their_ends_first()
    {
        var old = Tokens(1, 3 * Page + 1);
        var young = Tokens(2, 3 * Page + 1);
        foreach (var tokens in new[] { old, young })
        {
            var lease = Lease(tokens, pages: 4);
            pool.Publish(lease, tokens, tokens.Length);
            pool.Release(lease);
        }

        pool.Accounts.ShouldBe(new PoolAccounts(Free: 2, Leased: 0, Cached: 6, Total: 8));
        var needy = Lease(Tokens(3, 4 * Page), pages: 4);
        Cached(old).ShouldBe(1 * Page);
        Cached(young).ShouldBe(3 * Page);
        pool.TryGrow(needy, out _).ShouldBeTrue();
        Cached(old).ShouldBe(0);
        Cached(young).ShouldBe(3 * Page);
        pool.CheckInvariants();
    }

    [Fact]
    public void A_hit_pins_its_pages_before_fresh_ones_are_taken_from_the_cache()
    {
        var tokens = Tokens(1, 6 * Page + 1);
        var first = Lease(tokens, pages: 7);
        pool.Publish(first, tokens, tokens.Length);
        pool.Release(first);

        var longer = Tokens(1, 8 * Page);   // begins like the first
        var second = Lease(longer, pages: 8);
        second.FromCache.ShouldBe(6);
        pool.Accounts.ShouldBe(new PoolAccounts(0, 8, 0, 8));
        pool.CheckInvariants();
    }

    [Fact]
    public void A_lease_whose_page_the_index_has_already_publishes_no_further()
    {
        var tokens = Tokens(1, 3 * Page + 1);
        var first = Lease(tokens, pages: 4);
        var twin = Lease(tokens, pages: 4);     // computed at the same time
        pool.Publish(first, tokens, Page);
        pool.Publish(twin, tokens, tokens.Length);
        twin.Published.ShouldBe(0);
        pool.Release(first);
        pool.Release(twin);
        pool.Accounts.Cached.ShouldBe(1);
        pool.CheckInvariants();
    }

    [Fact]
    public void Dropping_the_cache_frees_what_nobody_holds()
    {
        var tokens = Tokens(1, 2 * Page + 1);
        var first = Lease(tokens, pages: 3);
        pool.Publish(first, tokens, tokens.Length);
        pool.DropCache().ShouldBe(0);
        pool.Release(first);
        pool.DropCache().ShouldBe(2);
        pool.Accounts.Free.ShouldBe(8);
        Cached(tokens).ShouldBe(0);
    }

    [Fact]
    public void The_summary_names_beginnings_before_ends_and_keeps_its_limit()
    {
        var running = Tokens(1, 2 * Page + 1);
        var past = Tokens(2, 3 * Page + 1);
        var lease = Lease(past, pages: 4);
        pool.Publish(lease, past, past.Length);
        pool.Release(lease);
        lease = Lease(running, pages: 3);
        pool.Publish(lease, running, running.Length);

        var all = PrefixHash.Of(running, null).AddRange(PrefixHash.Of(past, null));
        pool.Summary(100).ShouldBe(all);
        pool.Summary(3).ShouldBe(all.Take(3));
        pool.Summary(0).ShouldBeEmpty();
    }

    [Fact]
    public void Growing_and_releasing_allocate_nothing()
    {
        var tokens = Tokens(1, 6 * Page);
        var lease = pool.Open();
        lease.Reserve(8);
        long before = 0;
        for (var round = 0; round < 3; round++)
        {
            if (round == 1) before = GC.GetAllocatedBytesForCurrentThread();
            while (pool.TryGrow(lease, out _))
            {
            }

            pool.Publish(lease, tokens, tokens.Length);
            pool.Release(lease);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static int[] Tokens(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next())];
    }

    private int Cached(int[] tokens) => pool.CachedTokens(tokens, PrefixHash.Of(tokens, null).AsSpan(), null);

    private PageLease Lease(int[] tokens, int pages, string? salt = null)
    {
        var lease = pool.Open(salt);
        pool.TryLease(lease, tokens, PrefixHash.Of(tokens, salt).AsSpan(), pages, spare: 0).ShouldBeTrue();
        return lease;
    }
}
