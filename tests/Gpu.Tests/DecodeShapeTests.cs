using Shouldly;
using Splitwiser.Gpu.Cuda;
using Xunit;

namespace Splitwiser.Gpu.Tests;

/// <summary>The shapes that are captured before the first request are those that decode steps have. No GPU needed.</summary>
public class DecodeShapeTests
{
    private const int Longest = 8192;

    [Theory]
    [InlineData(256, 256, false), InlineData(48, 256, false), InlineData(100, 40, false), InlineData(256, 256, true)]
    public void Every_decode_step_of_usual_length_is_among_them(int mostRows, int sequences, bool invariant)
    {
        var (model, options) = (Card.Shape(128), new CudaRunnerOptions { MaxRows = mostRows, MaxSequences = sequences, BatchInvariant = invariant });
        var measure = new StepMeasure(model, options, pageCount: 1, processors: 132);
        var prepared = measure.DecodeShapes(Longest);
        prepared.ShouldBeUnique();
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var rows = random.Next(1, Math.Min(mostRows, sequences) + 1);
            var longest = i == 0 ? Longest : (int)Math.Exp(random.NextDouble() * Math.Log(Longest));
            var shape = measure.DecodeShape(rows, longest, drawing: i % 2 == 0);
            prepared.ShouldContain(shape, $"{rows} rows, {longest} keys");
        }
    }

    [Fact]
    public void Few_shapes_cover_the_contexts_up_to_a_split() =>
        Enumerable.Range(1, 2048).Select(keys => KeySplit.For(64, 8, keys, 132)).Distinct().ShouldHaveSingleItem();

    /// <summary>Nothing may be settled in the middle of a capture.</summary>
    [Theory, InlineData(256), InlineData(100), InlineData(7), InlineData(65)]
    public void The_products_of_every_shape_are_settled(int mostRows)
    {
        var measure = new StepMeasure(Card.Shape(128), new CudaRunnerOptions { MaxRows = mostRows, MaxSequences = 256 }, pageCount: 1, processors: 132);
        var settled = Product.PaddedRowsOfUpTo(mostRows).ToHashSet();
        measure.DecodeShapes(Longest).ShouldAllBe(shape => settled.Contains(Product.PaddedRows(shape.Tokens)));
    }

    [Theory, InlineData(8192), InlineData(64), InlineData(100)]
    public void Padded_rows_are_all_there(int most) =>
        Product.AllPaddedRows(most).ShouldBe(Enumerable.Range(1, most).Select(Product.PaddedRows).Where(rows => rows <= most).Distinct());
}
