using System.Runtime.CompilerServices;

namespace Splitwiser.Client;

/// <summary>
/// Generates over Orleans: each answer runs on a request grain of its own. When that grain or its silo is lost, the answer goes
/// on from another one with the tokens that were delivered: none is lost or repeated, as random numbers depend on the seed,
/// which is drawn here, and on the position. Safe for many answers at once.
/// </summary>
/// <param name="grains">The cluster's client, or the grain factory of a silo.</param>
/// <param name="options">Deadlines and attempts; the defaults when null.</param>
/// <param name="time">The system's clock when null.</param>
public sealed class SplitwiserClient(IGrainFactory grains, ResumeOptions? options = null, TimeProvider? time = null)
{
    private readonly ResumeOptions options = options ?? new();
    private readonly TimeProvider time = time ?? TimeProvider.System;

    /// <summary>Streams the answer: <see cref="TokenChunk.Start"/> on the first chunk, <see cref="TokenChunk.End"/> on the last.</summary>
    /// <exception cref="RequestRefusedException">The request can't be served, or not now; nothing was generated.</exception>
    /// <exception cref="RequestLostException">The answer could not be finished within <see cref="ResumeOptions.MaxAttempts"/>.</exception>
    public async IAsyncEnumerable<TokenChunk> GenerateAsync(GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var answer = new ResumableAnswer(request);
        var deviceLosses = 0;
        for (var number = 1; ; number++)
        {
            await using var attempt = new Attempt(grains.GetGrain<IRequestGrain>(Guid.NewGuid()), answer.Request, options, time, cancellationToken);
            while (await attempt.Next() is { } chunk && answer.Continues(chunk))
            {
                yield return answer.Deliver(chunk);
                if (answer.Ended)
                    yield break;
            }

            if (attempt.LacksDevices) deviceLosses++;
            if (number == options.MaxAttempts || deviceLosses == options.MaxDeviceLosses)
                throw new RequestLostException(LossReason.DevicesLost, $"The answer was lost {number} times, the last time after {answer.Request.Delivered.Length} tokens: {attempt.Loss}");
            await Task.Delay(options.DelayAfter(number), time, cancellationToken);
        }
    }

    /// <summary>Streams the answer's text alone.</summary>
    /// <inheritdoc cref="GenerateAsync"/>
    public async IAsyncEnumerable<string> GenerateTextAsync(GenerateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var chunk in GenerateAsync(request, cancellationToken))
        {
            if (chunk.Text.Length > 0)
                yield return chunk.Text;
        }
    }

    /// <summary>Streams the text that continues a prompt.</summary>
    /// <inheritdoc cref="GenerateAsync"/>
    public IAsyncEnumerable<string> GenerateTextAsync(string prompt, int? maxTokens = null, CancellationToken cancellationToken = default) =>
        GenerateTextAsync(new() { Text = prompt, Stop = new() { MaxTokens = maxTokens } }, cancellationToken);
}
