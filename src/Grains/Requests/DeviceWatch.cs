namespace Splitwiser.Grains;

/// <summary>
/// Waits for one device's answers and tells a slow device from a lost one. After each silence the device is asked for a sign
/// of life, which also says whether the sequence is queued or decoding: what is queued may wait longer.
/// </summary>
internal sealed class DeviceWatch(string device, IKvCacheGrain pages, GrainOptions options, TimeProvider time)
{
    /// <summary>The sequence that is waited for; null before its prefill is done.</summary>
    public LeaseRef? Lease { get; set; }

    /// <exception cref="DeviceLostException">No sign of life, or no answer within the deadline of its phase, or a failure that means the same.</exception>
    public async Task<T> Answer<T>(Task<T> answer, CancellationToken cancellationToken)
    {
        try
        {
            for (var asked = time.GetTimestamp(); !await Settles(answer, cancellationToken);)
            {
                if (time.GetElapsedTime(asked) >= await Patience(cancellationToken))
                    throw new TimeoutException("It lives, but it does not get on.");
            }

            return await answer;
        }
        catch (Exception error) when (DeviceLostException.IsMeantBy(error, cancellationToken))
        {
            throw new DeviceLostException(device, error);
        }
    }

    /// <summary>Waits for a call that must not fail its caller; why it failed, or null.</summary>
    public async Task<string?> Failure(Task call)
    {
        await call.WaitAsync(options.SignOfLife, time).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        return call.IsCompletedSuccessfully ? null : call.Exception?.GetBaseException().Message ?? "no answer in time";
    }

    private async Task<bool> Settles(Task answer, CancellationToken cancellationToken)
    {
        if (!answer.IsCompleted)
            await answer.WaitAsync(options.Silence, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        if (!answer.IsCompleted) cancellationToken.ThrowIfCancellationRequested();
        return answer.IsCompleted;
    }

    /// <summary>How long this phase may take; a sequence that has ended, though its stream does not say so, has no time left.</summary>
    private async Task<TimeSpan> Patience(CancellationToken cancellationToken)
    {
        if (Lease is not { } lease)
        {
            await Sign(pages.Accounts(cancellationToken), cancellationToken);
            return options.QueueDeadline;
        }

        return (await Sign(pages.Inspect(lease, cancellationToken), cancellationToken))?.Phase switch
        {
            null or LeasePhase.Ended => TimeSpan.Zero,
            LeasePhase.Decoding => options.StallDeadline,
            _ => options.QueueDeadline,
        };
    }

    private Task<T> Sign<T>(Task<T> answer, CancellationToken cancellationToken) => answer.WaitAsync(options.SignOfLife, time, cancellationToken);
}
