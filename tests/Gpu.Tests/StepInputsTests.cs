using System.Runtime.InteropServices;
using Shouldly;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Gpu.Kv;
using Splitwiser.Models.Sampling;
using Xunit;

namespace Splitwiser.Gpu.Tests;

/// <summary>How a step is laid out for the device. No GPU needed.</summary>
public sealed unsafe class StepInputsTests : IDisposable
{
    private const int PaddingPage = 999;

    private readonly void* memory = NativeMemory.AllocZeroed(1 << 20);

    /// <summary>Else the longest rows' blocks would end alone; whose row it is, and whose pages, stays with it.</summary>
    [Theory, InlineData(1), InlineData(5), InlineData(17)]
    public void Rows_of_decode_attention_come_longest_first_with_their_rows_and_pages(int count)
    {
        var random = new Random(count);
        var plan = new StepPlan();
        var nextPage = 0;
        for (var slot = 0; slot < count; slot++)
        {
            var sequence = new Sequence(slot, Enumerable.Repeat(1, random.Next(1, 300)).ToArray(), 1, SamplingParams.Greedy, 320);
            while (sequence.PageCount < PageId.CountFor(320)) sequence.AddPage(new PageId(nextPage++));
            plan.Add(new DecodeRow(sequence, sequence.TokenCount - 1, DecodeInput.Known));
        }
        var options = new CudaRunnerOptions { MaxRows = 32, MaxSequences = 32 };
        var measure = new StepMeasure(Card.Shape(128), options, pageCount: 1000, processors: 132);
        var shape = measure.Measure(plan);
        var into = new HostMemory((nint)memory, 1 << 20);
        new StepInputs(options.MaxSequences, PaddingPage, turns: null).Fill(plan, shape, measure.ListInts, into, default, new StepProbes(8));

        var layout = new StepLayout(shape);
        var (decodes, lists) = (into.As<DecodeRecord>(layout.Decodes, shape.Decodes).ToArray(), into.As<int>(layout.Lists, measure.ListInts).ToArray());
        decodes.Select(decode => decode.Position).ShouldBeInOrder(SortDirection.Descending);
        decodes.Select(decode => decode.Row).Order().ShouldBe(Enumerable.Range(0, shape.Decodes));
        foreach (var decode in decodes.Where(decode => decode.Row < count))
        {
            var row = plan.Decode[decode.Row];
            decode.Position.ShouldBe(row.Position);
            lists[decode.FirstPage..(decode.FirstPage + PageId.CountFor(row.Position + 1))].ShouldBe(row.Sequence.Pages[..PageId.CountFor(row.Position + 1)].ToArray().Select(page => page.Value));
        }
        foreach (var padding in decodes.Where(decode => decode.Row >= count)) lists[padding.FirstPage].ShouldBe(PaddingPage);
    }

    public void Dispose() => NativeMemory.Free(memory);
}
