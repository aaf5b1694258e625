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
    public async Task Questions_that_overtake_the_request_are_no_loss_until_the_third(int unknown, bool answers)
    {
        var grain = new OvertakenGrain(unknown);
        var options = new ResumeOptions { Silence = TimeSpan.FromMilliseconds(10), SignOfLife = TimeSpan.FromMinutes(1) };
        await using var attempt = new Attempt(grain, new(), options, TimeProvider.System, TestContext.Current.CancellationToken);
        ((await attempt.Next()) is not null).ShouldBe(answers);
        grain.Asked.ShouldBe(answers ? unknown + 1 : unknown);
    }

    /// <summary>Gets the request after the questions: it does not know of it so many times, then begins to answer.</summary>
    private sealed class OvertakenGrain(int unknown) : IRequestGrain
    {
        private readonly TaskCompletionSource arrived = new();

        public int Asked { get; private set; }

        public async IAsyncEnumerable<TokenChunk> Generate(GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await arrived.Task.WaitAsync(cancellationToken);
            yield return new TokenChunk { FirstIndex = 0, Ids = [] };
        }

        public Task<bool> IsRunning(CancellationToken cancellationToken)
        {
            if (++Asked > unknown) arrived.TrySetResult();
            return Task.FromResult(Asked > unknown);
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

        public Task<bool> IsRunning(CancellationToken cancellationToken) => never.Task.ContinueWith(_ => true, TaskScheduler.Default);
    }

    /// <summary>Waits of a tenth of a second and more never end.</summary>
    private sealed class LongSeconds : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime >= TimeSpan.FromSeconds(0.1) ? Timeout.InfiniteTimeSpan : dueTime, period);
    }
}
