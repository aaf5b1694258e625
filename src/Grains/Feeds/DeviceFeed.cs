using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Splitwiser.Grains;

/// <summary>
/// The one stream on which a device's output comes to this silo: each item is what a step brought, and goes into the mailboxes of
/// the requests here. Also looks after those that wait in vain, and those that nobody empties.
/// </summary>
internal sealed class DeviceFeed : IDisposable
{
    private readonly Guid consumer = Guid.NewGuid();
    private readonly DeviceDoors device;
    private readonly DeviceWatch watch;
    private readonly GrainOptions options;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly ConcurrentDictionary<LeaseRef, Mailbox> mailboxes = [];
    private readonly ConcurrentDictionary<LeaseRef, bool> strays = [];      // output that nobody here asked for
    private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stopping = new();
    private Exception? end;

    /// <param name="over">Called once, when the stream has ended for whatever reason.</param>
    public DeviceFeed(DeviceDoors device, GrainOptions options, TimeProvider time, ILogger log, Action<DeviceFeed> over)
    {
        (this.device, this.options, this.time, this.log) = (device, options, time, log);
        watch = new(device.Device, device.Pages, options, time);
        ThreadPool.UnsafeQueueUserWorkItem(static feed => _ = feed.feed.Run(feed.over), (feed: this, over), preferLocal: false); // it outlives the request that happens to be the first
    }

    public string Device => device.Device;

    /// <summary>Has the output of a lease sent here, from an index on.</summary>
    /// <exception cref="DeviceLostException">The device can't be asked, or did not answer in time.</exception>
    /// <exception cref="LeaseGoneException">The device lives, but not the lease.</exception>
    public async Task<Mailbox> Attach(KvHandoff handoff, int fromIndex, CancellationToken cancellationToken)
    {
        await watch.AnswerAtOnce(opened.Task, cancellationToken);
        var mailbox = new Mailbox(handoff.Lease, handoff.ReadWithin, time, Close);
        mailboxes[handoff.Lease] = mailbox;
        try
        {
            await watch.AnswerAtOnce(device.Decode.Attach(consumer, handoff.Lease, fromIndex, cancellationToken), cancellationToken);
        }
        catch
        {
            mailbox.Dispose();
            throw;
        }

        if (Volatile.Read(ref end) is { } reason) mailbox.Fail(reason); // it may have ended before it saw this mailbox
        return mailbox;
    }

    public void Dispose() => stopping.Cancel();

    /// <summary>Puts a sequence's output where its request finds it.</summary>
    internal void Deliver(SequenceTokens output)
    {
        if (!mailboxes.TryGetValue(output.Lease, out var mailbox))
        {
            if (output.IsLast) strays.TryRemove(output.Lease, out _);
            else if (strays.TryAdd(output.Lease, true)) _ = Refuse(output.Lease);
            return;
        }

        if (output.Tokens is { } tokens) mailbox.Put(tokens);
        if (output.Lost is { } lost) mailbox.Fail(new LeaseGoneException(lost.Loss, lost.Message));
    }

    private async Task Run(Action<DeviceFeed> over)
    {
        var looking = LookAround(stopping.Token);
        End(await Follow());
        over(this);
        await looking;
    }

    private async Task<Exception> Follow()
    {
        try
        {
            await foreach (var step in device.Decode.Feed(consumer, stopping.Token))
            {
                opened.TrySetResult();
                foreach (var output in step.Sequences) Deliver(output);
            }

            return new DeviceGoneException(Device, "it has drained.");
        }
        catch (Exception error) // the loop's edge: whoever waits for output gets it
        {
            return error;
        }
    }

    private void End(Exception reason)
    {
        if (DeviceLostException.IsMeantBy(reason, CancellationToken.None)) reason = new DeviceLostException(Device, reason);
        Volatile.Write(ref end, reason);
        opened.TrySetException(reason);
        _ = opened.Task.Exception; // there may be nobody to see it
        foreach (var mailbox in mailboxes.Values) mailbox.Fail(reason);
        stopping.Cancel();
    }

    private async Task LookAround(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.Silence / 8, time);
        while (await Ticks(timer, cancellationToken))
            await Task.WhenAll(mailboxes.Values.Select(mailbox => LookAt(mailbox, cancellationToken)));
    }

    private static async Task<bool> Ticks(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task LookAt(Mailbox mailbox, CancellationToken cancellationToken)
    {
        if (mailbox.IsForsaken)
        {
            mailbox.Fail(new LeaseGoneException(LeaseLoss.Expired, "Nobody read the output for too long."));
            await Refuse(mailbox.Lease);
        }
        else if (mailbox.Silence is { } silence && silence >= options.Silence)
        {
            try
            {
                if (await watch.LossOf(mailbox.Lease, silence, cancellationToken) is { } loss) mailbox.Fail(loss);
            }
            catch (Exception error) // the loop's edge: who waits for the output gets it
            {
                mailbox.Fail(error);
            }
        }
    }

    /// <summary>A device that can't be told frees the pages itself, when it finds that nobody reads.</summary>
    private async Task Refuse(LeaseRef lease)
    {
        if (await watch.Failure(() => device.Pages.Release(lease)) is { } failure) log.NotTold(Device, failure);
    }

    private void Close(Mailbox mailbox) => mailboxes.TryRemove(KeyValuePair.Create(mailbox.Lease, mailbox));
}
