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
    private readonly LeaseRef lease;
    private readonly Answer answer;
    private readonly ILogger log;
    private readonly CancellationTokenSource source;
    private readonly CancellationToken token; // of the source, which may be disposed by a call that takes over
    private readonly IAsyncEnumerator<DecodedTokens> stream;
    private Task? disposal;
    private bool decoding = true;
    private bool lost;

    public DeviceRun(DeviceDoors device, DeviceWatch watch, LeaseRef lease, Answer answer, ILogger log, CancellationToken cancellationToken)
    {
        (this.device, this.watch, this.lease, this.answer, this.log) = (device, watch, lease, answer, log);
        source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        token = source.Token;
        stream = device.Decode.Decode(lease, answer.Count, token).GetAsyncEnumerator(token);
        watch.Lease = lease;
    }

    /// <summary>The next output; null when the device was lost and the request must go on elsewhere.</summary>
    /// <exception cref="RequestLostException">The lease is gone, though the device is not.</exception>
    public async Task<DecodedTokens?> Next()
    {
        token.ThrowIfCancellationRequested();
        try
        {
            if (!await watch.Answer(stream.MoveNextAsync().AsTask(), token) || stream.Current.FirstIndex != answer.Count)
                throw new DeviceLostException(device.Device, new InvalidDataException("its output has a gap."));
            decoding = stream.Current.End is null;
            return stream.Current;
        }
        catch (DeviceLostException loss)
        {
            log.DeviceLost(loss.Message);
            lost = true;
            return null;
        }
        catch (LeaseGoneException gone)
        {
            decoding = false;
            throw new RequestLostException(gone.Loss == LeaseLoss.Expired ? LossReason.ConsumerIdle : LossReason.Superseded, gone.Message);
        }
    }

    public ValueTask DisposeAsync() => new(disposal ??= End());

    private async Task End()
    {
        if (!lost)
        {
            if (decoding && answer.Ended) await Tell(device.Decode.Stop(lease, answer.Count)); // keeps what lies behind a stop string out of the cache
            if (decoding) await Tell(device.Pages.Release(lease));
            await Tell(stream.DisposeAsync().AsTask());
        }

        await source.CancelAsync();
        source.Dispose();
    }

    /// <summary>Masks no error that ended the run: a device that can't be told frees the pages itself, when it finds that nobody reads.</summary>
    private async Task Tell(Task call)
    {
        if (await watch.Failure(call) is { } failure) log.NotTold(device.Device, failure);
    }
}
