using System.Runtime.CompilerServices;

namespace Splitwiser.Client.Tests;

public sealed class AttemptTests
{
    [Fact]
    public async Task A_grain_that_says_nothing_is_given_up_without_waiting_for_its_goodbye()
    {
        var grain = new DeafGrain();
        var options = new ResumeOptions { Silence = TimeSpan.FromMilliseconds(10), SignOfLife = TimeSpan.FromMilliseconds(10) };
        var attempt = new Attempt(grain, new(), options, new LongSeconds(), TestContext.Current.CancellationToken);
        (await attempt.Next()).ShouldBeNull();
        await attempt.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        grain.IsTold.ShouldBeTrue();
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task Questions_that_overtake_the_request_are_no_loss_until_the_third(int unknown, bool answers) =>
        await Asks([.. Enumerable.Repeat(RequestState.Unknown, unknown)], answers);

    [Theory]
    [InlineData(false, RequestState.WaitsForReader, RequestState.WaitsForReader)]
    [InlineData(false, RequestState.AtWork, RequestState.WaitsForReader, RequestState.WaitsForReader)]
    [InlineData(true, RequestState.WaitsForReader)]
    [InlineData(true, RequestState.WaitsForReader, RequestState.AtWork, RequestState.WaitsForReader, RequestState.AtWork)]
    [InlineData(true, RequestState.WaitsForReader, RequestState.Unknown, RequestState.WaitsForReader)]
    public async Task A_grain_that_waits_for_its_reader_twice_in_a_row_is_given_up_for_its_chunk_was_lost(bool answers, params RequestState[] says) =>
        await Asks(says, answers);

    /// <summary>One more question is answered with a chunk, unless the grain was given up at the last one.</summary>
    private static async Task Asks(RequestState[] says, bool answers)
    {
        var grain = new AskedGrain(says);
        var options = new ResumeOptions { Silence = TimeSpan.FromMilliseconds(10), SignOfLife = TimeSpan.FromMinutes(1) };
        await using var attempt = new Attempt(grain, new(), options, TimeProvider.System, TestContext.Current.CancellationToken);
        ((await attempt.Next()) is not null).ShouldBe(answers);
        grain.Asked.ShouldBe(answers ? says.Length + 1 : says.Length);
    }

    /// <summary>Says this to one question after the other, then that it is at work, and begins to answer.</summary>
    private sealed class AskedGrain(RequestState[] says) : IRequestGrain
    {
        private readonly TaskCompletionSource arrived = new();

        public int Asked { get; private set; }

        public async IAsyncEnumerable<TokenChunk> Generate(GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await arrived.Task.WaitAsync(cancellationToken);
            yield return new TokenChunk { FirstIndex = 0, Ids = [] };
        }

        public Task<RequestState> State(CancellationToken cancellationToken)
        {
            if (++Asked <= says.Length) return Task.FromResult(says[Asked - 1]);
            arrived.TrySetResult();
            return Task.FromResult(RequestState.AtWork);
        }
    }

    /// <summary>Its silo was killed: no call on it ends, a cancelled one neither.</summary>
    private sealed class DeafGrain : IRequestGrain
    {
        private readonly TaskCompletionSource never = new();
        private CancellationToken given;

        public bool IsTold => given.IsCancellationRequested;

        public async IAsyncEnumerable<TokenChunk> Generate(GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            given = cancellationToken;
            await never.Task;
            yield break;
        }

        public Task<RequestState> State(CancellationToken cancellationToken) => never.Task.ContinueWith(_ => RequestState.AtWork, TaskScheduler.Default);
    }

    /// <summary>Waits of a tenth of a second and more never end.</summary>
    private sealed class LongSeconds : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime >= TimeSpan.FromSeconds(0.1) ? Timeout.InfiniteTimeSpan : dueTime, period);
    }
}
