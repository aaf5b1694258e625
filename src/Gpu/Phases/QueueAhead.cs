namespace Splitwiser.Gpu.Phases;

/// <summary>What goes before a prompt that comes now, and how fast it moves.</summary>
/// <param name="Prompts">That wait for their first pages.</param>
/// <param name="Tokens">Of prompts, still to be computed.</param>
/// <param name="FreePlaces">Prompts that could get seat and pages at once.</param>
/// <param name="SecondsPerToken">Of a prompt; 0 when unknown.</param>
/// <param name="SecondsPerPlace">Until a running sequence makes room for one more; 0 when unknown.</param>
internal readonly record struct QueueAhead(int Prompts, long Tokens, int FreePlaces, double SecondsPerToken, double SecondsPerPlace);
