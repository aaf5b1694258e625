using Splitwiser.Gpu.Kv;
using Splitwiser.Tests;

namespace Splitwiser.Device.Tests.Kv;

/// <summary>Random use of the pool beside the simplest bookkeeping that could be right: who wrote what into which page.</summary>
public sealed class PagePoolModelTests
{
    [Fact]
    public void Whatever_is_done_the_books_balance_and_a_shared_page_holds_what_its_sharers_think() =>
        Property.Holds<(byte Verb, byte Who, byte What)[]>(moves =>
        {
            var model = new Model();
            foreach (var (verb, who, what) in moves) model.Do(verb % 7, who, what);
            model.CloseAll();
        });

    [Fact, Trait("Category", "Long")]
    public void After_each_of_a_million_operations_the_books_balance()
    {
        var random = new Random(7);
        var model = new Model();
        for (var operation = 0; operation < 1_000_000; operation++) model.Do(random.Next(7), (byte)random.Next(256), (byte)random.Next(256));
        model.CloseAll();
    }

    private sealed class Model
    {
        private const int PageCount = 12;

        private readonly PagePool pool = new(PageCount, incarnation: 1);
        private readonly List<Holder> holders = [];
        private readonly Dictionary<PageId, long> written = [];     // what was computed into a page: a number of the whole chain up to it

        private sealed class Holder
        {
            private readonly List<long> chains;     // one number for every beginning of the tokens

            public Holder(PageLease lease, IEnumerable<int> tokens)
            {
                Lease = lease;
                chains = [lease.Salt is null ? 1 : 2];
                foreach (var token in tokens) Append(token);
            }

            public PageLease Lease { get; }

            public List<int> Tokens { get; } = [];

            public int Computed { get; set; }

            public long Chain(int length) => chains[length];

            public void Append(int token)
            {
                Tokens.Add(token);
                chains.Add(chains[^1] * 1_000_003 + token);
            }
        }

        public void Do(int verb, int who, int what)
        {
            var holder = holders.Count > 0 ? holders[who % holders.Count] : null;
            switch (verb)
            {
                case 0: Open(who, what); break;
                case 1 when holder is { Lease.Count: > 0 }: Compute(holder, what); break;
                case 2 when holder is { Lease.Count: > 0 }: Grow(holder, what); break;
                case 3 when holder is not null: Publish(holder, what); break;
                case 4 when holder is not null: Preempt(holder); break;
                case 5 when holder is not null: Close(holder); break;
                case 6 when what % 8 == 0: DropCache(); break;
            }

            pool.CheckInvariants();
            pool.Accounts.Leased.ShouldBe(holders.SelectMany(each => each.Lease.Pages.ToArray()).Distinct().Count());
            foreach (var each in holders) CheckContent(each);
        }

        public void CloseAll()
        {
            foreach (var holder in holders.ToList()) Close(holder);
            pool.Accounts.Leased.ShouldBe(0);
            pool.DropCache();
            pool.Accounts.ShouldBe(new PoolAccounts(PageCount, 0, 0, PageCount));
        }

        private void Open(int family, int length)
        {
            // Few families, so that prompts often begin alike; every second one under a salt.
            var tokens = Enumerable.Range(0, 1 + length).Select(i => i < 40 ? family % 3 : family % 5);
            var holder = new Holder(pool.Open(family % 2 == 0 ? null : "salt"), tokens);
            if (!TryLease(holder)) pool.Close(holder.Lease).ShouldBeTrue();
            else holders.Add(holder);
        }

        private bool TryLease(Holder holder)
        {
            var tokens = holder.Tokens.ToArray();
            var before = pool.Accounts;
            holder.Computed = 0;
            var leased = pool.TryLease(holder.Lease, tokens, PrefixHash.Of(tokens, holder.Lease.Salt).AsSpan(), PageId.CountFor(tokens.Length + 2), spare: 1);
            if (!leased) pool.Accounts.ShouldBe(before);
            holder.Computed = holder.Lease.FromCache * PageId.Size;
            holder.Computed.ShouldBeLessThan(tokens.Length);
            return leased;
        }

        private void Compute(Holder holder, int count)
        {
            var end = Math.Min(holder.Tokens.Count, holder.Computed + 1 + count);
            for (var position = holder.Computed; position < end; position++)
            {
                var page = holder.Lease.Pages[position / PageId.Size];
                if (position == holder.Computed || position % PageId.Size == 0)
                    holders.Count(each => each.Lease.Pages.Contains(page)).ShouldBe(1, "a page is written by its one holder");
                written[page] = holder.Chain(position + 1);
            }

            holder.Computed = end;
        }

        private void Grow(Holder holder, int token)
        {
            var room = holder.Lease.Count * PageId.Size;
            if (holder.Tokens.Count + 2 > room && !pool.TryGrow(holder.Lease, out _))
            {
                pool.Available.ShouldBe(0);
                return;
            }

            holder.Append(token % 4);
        }

        private void Publish(Holder holder, int length) => pool.Publish(holder.Lease, holder.Tokens.ToArray(), Math.Min(length, holder.Computed));

        private void Preempt(Holder holder)
        {
            pool.Release(holder.Lease).ShouldBeTrue();
            holder.Lease.Count.ShouldBe(0);
            if (!TryLease(holder)) Close(holder);
        }

        private void Close(Holder holder)
        {
            pool.Close(holder.Lease).ShouldBeTrue();
            pool.Close(holder.Lease).ShouldBeFalse();
            holders.Remove(holder);
        }

        private void DropCache()
        {
            var cached = pool.Accounts.Cached;
            pool.DropCache().ShouldBe(cached);
        }

        private void CheckContent(Holder holder)
        {
            for (var page = 0; page < holder.Computed / PageId.Size; page++)
                if (written[holder.Lease.Pages[page]] != holder.Chain((page + 1) * PageId.Size)) throw new InvalidOperationException($"{holder.Lease.Id} shares a page of other tokens.");
        }
    }
}
