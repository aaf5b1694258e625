using System.Collections.Immutable;
using System.Text;

namespace Splitwiser.Bench.Kill;

/// <summary>One stream as its reader saw it.</summary>
/// <param name="Device">Where it began.</param>
/// <param name="WorstGap">Longest time between two chunks.</param>
/// <param name="Error">Null when it came to its end.</param>
internal sealed record StreamRecord(string? Device, ImmutableArray<int> Ids, string Text, TimeSpan WorstGap, string? Error)
{
    public static async Task<StreamRecord> Of(IAsyncEnumerable<TokenChunk> stream, Odometer odometer, TimeProvider time)
    {
        var (ids, text, device, gap) = (ImmutableArray.CreateBuilder<int>(), new StringBuilder(), (string?)null, TimeSpan.Zero);
        var last = 0L;
        try
        {
            await foreach (var chunk in stream)
            {
                var now = time.GetTimestamp();
                if (last != 0 && time.GetElapsedTime(last, now) is var waited && waited > gap) gap = waited;
                last = now;
                device ??= chunk.Start?.Device;
                ids.AddRange(chunk.Ids);
                text.Append(chunk.Text);
                odometer.Add(chunk.Ids.Length);
            }

            return new(device, ids.ToImmutable(), text.ToString(), gap, null);
        }
        catch (Exception error) when (error is RequestLostException or RequestRefusedException)
        {
            return new(device, ids.ToImmutable(), text.ToString(), gap, error.Message);
        }
        finally
        {
            odometer.Ended();
        }
    }

    public bool IsAs(StreamRecord other) => Error is null && other.Error is null && Ids.SequenceEqual(other.Ids) && Text == other.Text;
}
