using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Splitwiser.Grains;

/// <summary>
/// One request on one device, from the handoff on. Disposing stops the sequence, whatever happened, so that its pages go back:
/// unless it has ended there, or the device is lost.
/// </summary>
internal sealed class DeviceRun : IAsyncDisposable
{
    private readonly DeviceDoors device;
    private readonly DeviceWatch watch;
    private readonly DeviceFeed feed;
    private readonly KvHandoff handoff;
    private readonly Answer answer;
    private readonly ILogger log;
    private readonly CancellationToken token;
    private CancellationTokenRegistration cancellation;
    private Mailbox? mailbox;
    private Task? disposal;
    private bool decoding = true;
    private bool lost;

    public DeviceRun(DeviceDoors device, DeviceWatch watch, DeviceFeed feed, KvHandoff handoff, Answer answer, ILogger log, CancellationToken token) =>
        (this.device, this.watch, this.feed, this.handoff, this.answer, this.log, this.token) = (device, watch, feed, handoff, answer, log, token);

    /// <summary>"silo/index".</summary>
    public string Device => device.Device;

    /// <summary>Of the decoding; it ends with this run.</summary>
    public Activity? Span { private get; init; }

    /// <summary>The next output; null when the device was lost and the request must go on elsewhere.</summary>
    /// <exception cref="RequestLostException">The lease is gone, though the device is not.</exception>
    public async ValueTask<DecodedTokens?> Next()
    {
        try
        {
            var tokens = await (mailbox ?? await Attach()).Next();
            if (tokens.FirstIndex != answer.Count) throw new InvalidDataException("its output has a gap.");
            decoding = tokens.End is null;
            return tokens;
        }
        catch (Exception loss) when (loss is DeviceLostException or InvalidDataException)
        {
            log.DeviceLost(loss is DeviceLostException ? loss.Message : $"{device.Device} is lost: {loss.Message}");
            lost = true;
            Span?.SetStatus(ActivityStatusCode.Error, loss.Message);
            return null;
        }
        catch (LeaseGoneException gone)
        {
            decoding = false;
            throw new RequestLostException(ReasonOf(gone.Loss), gone.Message);
        }
    }

    public ValueTask DisposeAsync() => new(disposal ??= End());

    private static LossReason ReasonOf(LeaseLoss loss) => loss switch
    {
        LeaseLoss.Expired => LossReason.ConsumerIdle,
        LeaseLoss.Stuck => LossReason.FormatStuck,
        _ => LossReason.Superseded,
    };

    private async Task<Mailbox> Attach()
    {
        var attached = mailbox = await feed.Attach(handoff, answer.Count, token);
        cancellation = token.UnsafeRegister((_, token) => attached.Fail(new OperationCanceledException(token)), null);
        return attached;
    }

    private async Task End()
    {
        cancellation.Unregister();
        if (!lost)
        {
            if (decoding && answer.Ended) await Tell(() => device.Decode.Stop(handoff.Lease, answer.Count)); // keeps what lies behind a stop string out of the cache
            if (decoding) await Tell(() => device.Pages.Release(handoff.Lease));
        }

        mailbox?.Dispose();
        Span?.SetTag("splitwiser.tokens_so_far", answer.Count).Dispose();
    }

    /// <summary>Masks no error that ended the run: a device that can't be told frees the pages itself, when it finds that nobody reads.</summary>
    private async Task Tell(Func<Task> call)
    {
        if (await watch.Failure(call) is { } failure) log.NotTold(device.Device, failure);
    }
}
