using Microsoft.Extensions.Logging;

namespace Splitwiser.Grains;

/// <summary>
/// One request on one device, from the handoff on. Disposing stops the sequence, whatever happened, so that its pages go back:
/// unless it has ended there, or the device is lost.
/// </summary>
internal sealed class DeviceRun : IAsyncDisposable
{
    private readonly DeviceWatch watch;
    private readonly IDecodeGrain decode;
    private readonly IKvCacheGrain pages;
    private readonly LeaseRef lease;
    private readonly Answer answer;
    private readonly GrainOptions options;
    private readonly ILogger log;
    private readonly CancellationTokenSource source;
    private readonly CancellationToken token; // of the source, which may be disposed by a call that takes over
    private readonly IAsyncEnumerator<DecodedTokens> stream;
    private Task? disposal;
    private bool decoding = true;
    private bool lost;

    public DeviceRun(DeviceWatch watch, IDecodeGrain decode, IKvCacheGrain pages, LeaseRef lease, Answer answer, GrainOptions options, ILogger log, CancellationToken cancellationToken)
    {
        (this.watch, this.decode, this.pages, this.lease, this.answer, this.options, this.log) = (watch, decode, pages, lease, answer, options, log);
        source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        token = source.Token;
        stream = decode.Decode(lease, answer.Count, token).GetAsyncEnumerator(token);
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
                throw new DeviceLostException(watch.Device, new InvalidDataException("its output has a gap."));
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
            if (decoding && answer.Ended) await Told(decode.Stop(lease, answer.Count)); // keeps what lies behind a stop string out of the cache
            if (decoding) await Told(pages.Release(lease));
            await Told(stream.DisposeAsync().AsTask());
        }

        await source.CancelAsync();
        source.Dispose();
    }

    /// <summary>Masks no error that ended the run: a device that can't be told frees the pages itself, when it finds that nobody reads.</summary>
    private async Task Told(Task call)
    {
        await call.WaitAsync(options.SignOfLife).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        if (!call.IsCompletedSuccessfully) log.NotTold(watch.Device, call.Exception?.GetBaseException().Message ?? "no answer in time");
    }
}
