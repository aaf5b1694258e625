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
            foreach (var (verb, who, what) in moves) model.Do(verb % Model.Verbs, who, what);
            model.CloseAll();
        });

    [Fact, Trait("Category", "Long")]
    public void After_each_of_a_million_operations_the_books_balance()
    {
        var random = new Random(7);
        var model = new Model();
        for (var operation = 0; operation < 1_000_000; operation++) model.Do(random.Next(Model.Verbs), (byte)random.Next(256), (byte)random.Next(256));
        model.CloseAll();
        model.Offloaded.ShouldBeGreaterThan(1000);
        model.Restored.ShouldBeGreaterThan(1000);
    }

    private sealed class Model
    {
        public const int Verbs = 13;

        private const int PageCount = 12;
        private const int HostPageCount = 8;

        private readonly HostPool host = new(HostPageCount);
        private readonly PagePool pool;
        private readonly List<Holder> holders = [];
        private readonly Dictionary<PageId, long> written = [];     // what was computed into a page: a number of the whole chain up to it
        private readonly Dictionary<HostPageId, long> copied = [];  // the same of main memory
        private readonly List<(PageCopy Copy, long Content)> leaving = [];
        private readonly List<PagePin> pins = [];

        public int Offloaded { get; private set; }

        public int Restored { get; private set; }

        public Model() => pool = new(PageCount, incarnation: 1, host);

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

            /// <summary>Copies into its pages that are under way.</summary>
            public List<(PageCopy Copy, long Content)> Arriving { get; } = [];

            /// <summary>It was given up while they were; its pages go with their end.</summary>
            public bool Ends { get; set; }

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
            var free = holder is { Arriving.Count: 0 };
            switch (verb)
            {
                case 0: Open(who, what); break;
                case 1 when free && holder is { Lease.Count: > 0 }: Compute(holder, what); break;
                case 2 when free && holder is { Lease.Count: > 0 }: Grow(holder, what); break;
                case 3 when free: Publish(holder!, what); break;
                case 4 when free: Preempt(holder!); break;
                case 5 when free: Close(holder!); break;
                case 6 when what % 8 == 0: DropCache(); break;
                case 7: Offload(what % 4); break;
                case 8 when leaving.Count > 0: EndOffload(who % leaving.Count); break;
                case 9 when holder is { Arriving.Count: > 0 }: EndRestore(holder); break;
                case 10 when holder is { Arriving.Count: > 0 }: holder.Ends = true; break;      // cancelled in the middle
                case 11 when holder is not null: Pin(holder, what); break;
                case 12 when what == 0: Kill(); break;
            }

            pool.CheckInvariants();
            host.Accounts.Used.ShouldBe(HostPageCount - host.Accounts.Free);
            pool.Leaving.ShouldBe(leaving.Count);
            foreach (var (copy, content) in leaving) written[copy.Page].ShouldBe(content, "a page that leaves is not written");
            foreach (var (copy, content) in holders.SelectMany(each => each.Arriving)) copied[copy.HostPage].ShouldBe(content, "a copy that is read stays");
            foreach (var pin in pins) pool.Accounts.Pinned.ShouldBeGreaterThanOrEqualTo(pin.Pages.Length);
            pool.Accounts.Leased.ShouldBe(holders.SelectMany(each => each.Lease.Pages.ToArray()).Distinct().Count());
            foreach (var each in holders) CheckContent(each);
        }

        public void CloseAll()
        {
            foreach (var holder in holders.ToList())
            {
                if (holder.Arriving.Count > 0) EndRestore(holder);
                if (!holder.Ends) Close(holder);
            }

            foreach (var pin in pins) pool.Unpin(pin.Number).ShouldBeTrue();
            while (leaving.Count > 0) EndOffload(0);
            pool.Accounts.Leased.ShouldBe(0);
            pool.DropCache();
            pool.Accounts.ShouldBe(new PoolAccounts(PageCount, 0, 0, PageCount));
            host.Accounts.ShouldBe(new HostAccounts(HostPageCount, 0, HostPageCount));
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
            if (leased) Restore(holder, tokens);
            return leased;
        }

        /// <summary>What main memory has of the rest is on its way into the fresh pages.</summary>
        private void Restore(Holder holder, int[] tokens)
        {
            var first = holder.Lease.FromCache;
            var digests = PrefixDigest.Of(tokens.AsSpan(0, tokens.Length - 1), holder.Lease.Salt).AsSpan()[first..];
            var found = new HostPageId[digests.Length];
            var count = host.Match(digests, found, out var ready);
            if (!ready) return;
            for (var i = 0; i < count; i++)
            {
                host.BeginRead(found[i]);
                holder.Arriving.Add((new PageCopy(holder.Lease.Pages[first + i], found[i]), copied[found[i]]));
            }
        }

        private void EndRestore(Holder holder)
        {
            foreach (var (copy, content) in holder.Arriving)
            {
                written[copy.Page] = content;
                host.EndRead(copy.HostPage);
            }

            Restored += holder.Arriving.Count;
            holder.Computed += holder.Arriving.Count * PageId.Size;
            holder.Arriving.Clear();
            pool.Publish(holder.Lease, holder.Tokens.ToArray(), holder.Computed);
            if (holder.Ends) Close(holder);
        }

        private void Offload(int count)
        {
            var copies = new List<PageCopy>();
            pool.Vacate(count, copies).ShouldBeLessThanOrEqualTo(count);
            foreach (var copy in copies) leaving.Add((copy, written[copy.Page]));
        }

        private void EndOffload(int index)
        {
            var (copy, content) = leaving[index];
            leaving.RemoveAt(index);
            copied[copy.HostPage] = content;
            pool.Vacated(copy);
            Offloaded++;
        }

        /// <summary>The device fails: whatever was under way is over.</summary>
        private void Kill()
        {
            pool.CloseAll();
            pool.Accounts.Leased.ShouldBe(0);
            pool.Accounts.Pinned.ShouldBe(0);
            holders.Clear();
            leaving.Clear();
            pins.Clear();
        }

        /// <summary>Keeps what a lease has published, or lets the oldest pin go.</summary>
        private void Pin(Holder holder, int what)
        {
            if (pins.Count > 0 && (what % 2 == 0 || pins.Count > 2))
            {
                pool.Unpin(pins[0].Number).ShouldBeTrue();
                pool.Unpin(pins[0].Number).ShouldBeFalse();
                pins.RemoveAt(0);
            }
            else
            {
                var count = Math.Min(holder.Lease.Published, 1 + what % 3);
                var tokens = holder.Tokens.Take(count * PageId.Size).ToArray();
                pool.TryPin(tokens, PrefixHash.Of(tokens, holder.Lease.Salt).AsSpan(), holder.Lease.Salt, out var pin).ShouldBeTrue();
                pins.Add(pin!);
            }
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
                pool.Available.ShouldBe(0, "all others are leased, pinned or leaving");
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
            var free = pool.Accounts.Free;
            var available = pool.Available;
            pool.DropCache().ShouldBe(available - free);
            pool.Accounts.Free.ShouldBe(available);
        }

        private void CheckContent(Holder holder)
        {
            for (var page = 0; page < holder.Computed / PageId.Size; page++)
                if (written[holder.Lease.Pages[page]] != holder.Chain((page + 1) * PageId.Size)) throw new InvalidOperationException($"{holder.Lease.Id} shares a page of other tokens.");
        }
    }
}
