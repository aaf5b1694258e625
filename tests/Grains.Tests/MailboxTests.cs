using Splitwiser.Tests;

namespace Splitwiser.Grains.Tests;

public sealed class MailboxTests
{
    private static readonly LeaseRef Lease = new(1, 1);
    private static readonly TimeSpan ReadWithin = TimeSpan.FromSeconds(10);

    private readonly ManualTime time = new();
    private readonly List<Mailbox> closed = [];
    private readonly Mailbox mailbox;

    public MailboxTests() => mailbox = new(Lease, ReadWithin, time, closed.Add);

    [Fact]
    public async Task What_came_before_it_was_read_is_one_piece()
    {
        mailbox.Put(Tokens(0, 5));
        mailbox.Put(Tokens(1, 6, 7));
        mailbox.Put(new(3, [], [], new(FinishReason.Stop, 7)));
        var piece = await mailbox.Next();
        (piece.FirstIndex, piece.End?.Reason).ShouldBe((0, FinishReason.Stop));
        piece.Ids.ShouldBe([5, 6, 7]);
    }

    [Fact]
    public async Task A_reader_waits_for_the_next_piece()
    {
        var next = mailbox.Next();
        next.IsCompleted.ShouldBeFalse();
        mailbox.Put(Tokens(0, 5));
        (await next).Ids.ShouldBe([5]);
    }

    [Fact]
    public async Task A_gap_between_two_pieces_is_an_error()
    {
        mailbox.Put(Tokens(0, 5));
        mailbox.Put(Tokens(2, 7));
        await Should.ThrowAsync<InvalidDataException>(async () => await mailbox.Next());
    }

    [Fact]
    public async Task A_failure_comes_after_what_was_there_before_it()
    {
        mailbox.Put(Tokens(0, 5));
        mailbox.Fail(new LeaseGoneException(LeaseLoss.Expired, "too late"));
        mailbox.Put(Tokens(1, 6));
        (await mailbox.Next()).Ids.ShouldBe([5]);
        (await Should.ThrowAsync<LeaseGoneException>(async () => await mailbox.Next())).Loss.ShouldBe(LeaseLoss.Expired);
    }

    [Fact]
    public async Task A_failure_ends_a_wait()
    {
        var next = mailbox.Next().AsTask();
        mailbox.Fail(new OperationCanceledException());
        await Should.ThrowAsync<OperationCanceledException>(next);
    }

    [Fact]
    public async Task It_is_silent_for_as_long_as_its_reader_waits_without_news()
    {
        mailbox.Silence.ShouldBeNull();
        mailbox.Put(Tokens(0, 5));
        await mailbox.Next();
        time.Advance(TimeSpan.FromSeconds(2));
        mailbox.Silence.ShouldBeNull();
        var next = mailbox.Next();
        mailbox.Silence.ShouldBe(TimeSpan.FromSeconds(2)); // nothing came since the last piece
        time.Advance(TimeSpan.FromSeconds(1));
        mailbox.Silence.ShouldBe(TimeSpan.FromSeconds(3));
        mailbox.Put(Tokens(1, 6));
        await next;
        mailbox.Silence.ShouldBeNull();
    }

    [Fact]
    public async Task It_is_forsaken_when_nobody_reads_though_not_while_a_reader_waits()
    {
        mailbox.IsForsaken.ShouldBeFalse();
        time.Advance(ReadWithin);
        mailbox.IsForsaken.ShouldBeTrue();
        var next = mailbox.Next();
        time.Advance(ReadWithin);
        mailbox.IsForsaken.ShouldBeFalse();
        mailbox.Put(Tokens(0, 5));
        await next;
        mailbox.IsForsaken.ShouldBeFalse();
        time.Advance(ReadWithin);
        mailbox.IsForsaken.ShouldBeTrue();
    }

    [Fact]
    public void Closing_it_takes_it_away()
    {
        mailbox.Dispose();
        closed.ShouldBe([mailbox]);
    }

    private static DecodedTokens Tokens(int first, params int[] ids) => new(first, [.. ids], [], null);
}
