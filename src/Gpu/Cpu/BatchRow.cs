namespace Splitwiser.Gpu.Cpu;

/// <summary>One position that a step computes.</summary>
internal readonly record struct BatchRow(Sequence Sequence, int Position, int Token);

/// <summary>Consecutive rows of a batch that hold consecutive positions of one sequence: a prefill segment or a decode row.</summary>
internal readonly record struct RowSpan(int First, int Count);
