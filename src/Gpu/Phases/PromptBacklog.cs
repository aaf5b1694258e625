namespace Splitwiser.Gpu.Phases;

/// <summary>The prompts that wait or are being computed.</summary>
/// <param name="Positions">To compute.</param>
/// <param name="BeforeLast">Those of them before the last prompt's.</param>
/// <param name="StepsToSecond">Decode steps that end, at most, between the first and the second token of one of them where it comes from another lane; 1 when none of them has a second.</param>
internal readonly record struct PromptBacklog(long Positions, long BeforeLast, int StepsToSecond = 1);
