using Splitwiser.Models.Sampling;

namespace Splitwiser.Gpu.Cuda;

/// <summary>One place of a lane's ring: the pinned memory that a step is uploaded from and that the device writes its results to.</summary>
internal sealed unsafe class CudaStepResult : StepResult, IDisposable
{
    private readonly CudaContext context;
    private readonly int maxRows, vocabulary, hiddenSize;
    private readonly PinnedBuffer results;      // tokens (maxRows), counts (maxRows), tops (maxRows, TopLimit)
    private readonly CudaEvent start = new(timed: true), end = new(timed: true);
    private readonly StepProbes probes;
    private PinnedBuffer? logits;               // (maxRows, vocabulary), made when first asked for
    private PinnedBuffer? probed;               // what probes get, made when first asked for and grown with it
    private int rows;
    private bool hasLogits, done;
    private SmWitness? sampled;                 // looked with this step
    private int processors;
    private bool typical;

    public CudaStepResult(CudaContext context, int maxRows, int vocabulary, int hiddenSize, int inputBytes)
    {
        probes = new StepProbes(hiddenSize);
        (this.context, this.maxRows, this.vocabulary, this.hiddenSize) = (context, maxRows, vocabulary, hiddenSize);
        results = new PinnedBuffer(TopsAt + (long)maxRows * SampleRecord.TopLimit * sizeof(TokenLogprob));
        Inputs = new PinnedBuffer(inputBytes);
    }

    /// <summary>Reached when the step is done; other streams may wait for it.</summary>
    public CudaEvent Ended => end;

    public override int Processors => processors;

    public override bool IsTypical => typical;

    public PinnedBuffer Inputs { get; private set; }

    public StepHeader Header => new((ulong)results.Pointer, (ulong)(results.Pointer + CountsAt), (ulong)(results.Pointer + TopsAt));

    public override bool IsCompleted
    {
        get
        {
            try
            {
                context.MakeCurrent();
                return done || end.IsReached;
            }
            catch (CudaException error)
            {
                throw Fault(error);
            }
        }
    }

    public override ReadOnlySpan<TokenLogprob> Sampled => results.As<TokenLogprob>(0, rows);

    public override TimeSpan Duration
    {
        get
        {
            Wait();
            return end.Since(start);
        }
    }

    private int CountsAt => maxRows * sizeof(TokenLogprob);
    private int TopsAt => CountsAt + maxRows * sizeof(int);

    public override void Wait()
    {
        if (done) return;
        try
        {
            context.MakeCurrent();
            end.Wait();
            done = true;
            probes.Show();
            sampled?.CheckSample();
        }
        catch (CudaException error)
        {
            throw Fault(error);
        }
    }

    public override ReadOnlySpan<TokenLogprob> TopLogprobs(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)rows);
        var count = results.As<int>(CountsAt, maxRows)[row];
        return results.As<TokenLogprob>(TopsAt + (long)row * SampleRecord.TopLimit * sizeof(TokenLogprob), count);
    }

    public override ReadOnlySpan<float> Logits(int row)
    {
        if (!hasLogits) throw new InvalidOperationException("The plan did not ask for logits.");
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)rows);
        return logits!.As<float>((long)row * vocabulary * sizeof(float), vocabulary);
    }

    /// <summary>What the step's probes want; there is room for it now.</summary>
    public StepProbes ProbesOf(in StepShape shape)
    {
        var bytes = StepProbes.BytesFor(shape, hiddenSize);
        if (bytes > (probed?.Bytes ?? 0))
        {
            probed?.Dispose();
            probed = new PinnedBuffer((long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)bytes));
        }
        probes.Begin(shape, probed?.Memory ?? default);
        return probes;
    }

    public void Begin(LanePlace place, int sampledRows)
    {
        (rows, hasLogits, done, processors, sampled) = (sampledRows, false, false, place.Processors, null);
        start.Record(place.Stream);
    }

    /// <summary>Fetches raw logits in stream order, before the end.</summary>
    public void Keep(CudaStream stream, ulong from)
    {
        logits ??= new PinnedBuffer((long)maxRows * vocabulary * sizeof(float));
        Cuda.Check(CudaDriver.cuMemcpyDtoHAsync_v2(logits.Pointer, from, (nuint)((long)rows * vocabulary * sizeof(float)), stream.Handle));
        hasLogits = true;
    }

    /// <param name="isTypical">Nothing was done that is done once.</param>
    public void End(LanePlace place, bool isTypical)
    {
        typical = isTypical;
        if (place.SamplesNow)
        {
            sampled = place.Witness;
            sampled!.Sample();
        }
        end.Record(place.Stream);
    }

    public void GrowInputs(int bytes)
    {
        Inputs.Dispose();
        Inputs = new PinnedBuffer(bytes);
    }

    public void Dispose()
    {
        Inputs.Dispose();
        results.Dispose();
        logits?.Dispose();
        probed?.Dispose();
        start.Dispose();
        end.Dispose();
    }

    private DeviceFaultException Fault(CudaException error) => new($"{context.Device.Name} failed: {error.Message}", error);
}
