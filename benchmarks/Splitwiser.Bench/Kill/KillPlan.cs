namespace Splitwiser.Bench.Kill;

/// <summary>What is done to a cluster of silo processes, and what must hold.</summary>
/// <param name="Provider">Of the membership: Localhost, Redis or AdoNet; its connection comes from the environment, as a silo's does.</param>
/// <param name="Streams">Open at a time, by an Orleans client outside.</param>
/// <param name="WorstGap">Longest time that a stream may stand still.</param>
internal sealed record KillPlan(string Model, string Provider, int Silos, int Streams, int Repetitions, TimeSpan WorstGap)
{
    /// <summary>The first silo keeps the membership of a cluster on Localhost, and must live.</summary>
    public int FirstVictim => Provider == "Localhost" ? 1 : 0;

    /// <summary>Every stream has its prompt, length and seed: two runs must give the same tokens.</summary>
    public GenerateRequest RequestOf(int stream) => new()
    {
        Text = $"In the beginning {stream}",
        Sampling = new() { Temperature = 1, Seed = stream },
        Stop = new() { MaxTokens = LengthOf(stream), IgnoreEos = true },
    };

    public int Tokens => Enumerable.Range(0, Streams).Sum(LengthOf);

    private static int LengthOf(int stream) => 20 + (stream * 7 % 41); // up to 60
}
