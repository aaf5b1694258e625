namespace Splitwiser.Grains;

/// <summary>
/// Tells a slow device from a lost one. After each silence the device is asked for a sign of life, which also says whether the
/// sequence is queued or decoding: what is queued may wait longer.
/// </summary>
internal sealed class DeviceWatch(string device, IKvCacheGrain pages, GrainOptions options, TimeProvider time)
{
    /// <summary>Waits for the answer to a call.</summary>
    /// <exception cref="DeviceLostException">No sign of life, or no answer within the deadline of a queued prompt, or a failure that means the same.</exception>
    public Task Answer(Task answer, CancellationToken cancellationToken) => Meant(AnswerWithSigns(answer, cancellationToken), cancellationToken);

    /// <inheritdoc cref="Answer(Task, CancellationToken)"/>
    public async Task<T> Answer<T>(Task<T> answer, CancellationToken cancellationToken)
    {
        await Answer((Task)answer, cancellationToken);
        return await answer;
    }

    /// <summary>Has a prompt computed. One that is given up here is given up there, too.</summary>
    /// <inheritdoc cref="Answer(Task, CancellationToken)"/>
    public async Task<KvHandoff> Prefilled(IPrefillGrain prefill, PrefillRequest work, CancellationToken cancellationToken)
    {
        var ticket = Guid.NewGuid();
        try
        {
            return await Answer(prefill.Prefill(work with { Ticket = ticket }, cancellationToken), cancellationToken);
        }
        catch (Exception error) when (error is OperationCanceledException or DeviceLostException)
        {
            _ = Failure(() => prefill.Withdraw(ticket, CancellationToken.None)); // not waited for: the device may be gone
            throw;
        }
    }

    /// <summary>Waits for the answer to a call that no queue stands before: that the rest of the device gives signs of life is no reason to wait longer.</summary>
    /// <exception cref="DeviceLostException">No answer in time, or a failure that means the same.</exception>
    public Task AnswerAtOnce(Task answer, CancellationToken cancellationToken) => Meant(answer.WaitAsync(options.Silence + options.SignOfLife, time, cancellationToken), cancellationToken);

    /// <summary>What a silence means for a sequence that was handed over; null when it may go on.</summary>
    public async Task<DeviceLostException?> LossOf(LeaseRef lease, TimeSpan silence, CancellationToken cancellationToken)
    {
        try
        {
            return silence >= await Patience(lease, cancellationToken) ? new DeviceLostException(device, Stuck()) : null;
        }
        catch (Exception error) when (DeviceLostException.IsMeantBy(error, cancellationToken))
        {
            return new DeviceLostException(device, error);
        }
    }

    /// <summary>Makes a call that must not fail its caller; why it failed, or null.</summary>
    public async Task<string?> Failure(Func<Task> call)
    {
        try
        {
            await call().WaitAsync(options.SignOfLife, time);
            return null;
        }
        catch (Exception error) // its whole point
        {
            return error.Message;
        }
    }

    private async Task AnswerWithSigns(Task answer, CancellationToken cancellationToken)
    {
        for (var asked = time.GetTimestamp(); !await Settles(answer, cancellationToken);)
        {
            await Sign(pages.Accounts(cancellationToken), cancellationToken);
            if (time.GetElapsedTime(asked) >= options.QueueDeadline) throw Stuck();
        }

        await answer;
    }

    /// <summary>Throws what a failure of the wait means.</summary>
    private async Task Meant(Task wait, CancellationToken cancellationToken)
    {
        try
        {
            await wait;
        }
        catch (Exception error) when (DeviceLostException.IsMeantBy(error, cancellationToken))
        {
            throw error as DeviceLostException ?? new DeviceLostException(device, error);
        }
    }

    private static TimeoutException Stuck() => new("It lives, but it does not get on.");

    private async Task<bool> Settles(Task answer, CancellationToken cancellationToken)
    {
        if (!answer.IsCompleted)
            await answer.WaitAsync(options.Silence, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        if (!answer.IsCompleted) cancellationToken.ThrowIfCancellationRequested();
        return answer.IsCompleted;
    }

    /// <summary>How long a sequence may be silent; one that has ended, though its stream does not say so, has no time left.</summary>
    private async Task<TimeSpan> Patience(LeaseRef lease, CancellationToken cancellationToken) =>
        (await Sign(pages.Inspect(lease, cancellationToken), cancellationToken))?.Phase switch
        {
            null or LeasePhase.Ended => TimeSpan.Zero,
            LeasePhase.Decoding => options.StallDeadline,
            _ => options.QueueDeadline,
        };

    private Task<T> Sign<T>(Task<T> answer, CancellationToken cancellationToken) => answer.WaitAsync(options.SignOfLife, time, cancellationToken);
}
