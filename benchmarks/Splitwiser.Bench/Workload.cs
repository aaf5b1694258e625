namespace Splitwiser.Bench;

/// <summary>Requests that all arrive at once: random prompts of random lengths, and how many tokens each answer has.</summary>
internal sealed record Workload(string Name, int Requests, int FewestIn, int MostIn, int FewestOut, int MostOut)
{
    public static readonly IReadOnlyList<Workload> All =
    [
        new("one-stream", 1, 128, 128, 256, 256),
        new("burst", 256, 128, 896, 128, 128),
        new("long", 256, 100, 1024, 100, 1024),
        new("paper", 960, 1024, 1024, 12, 12),      // arXiv 2505.03763: OPT-125m
    ];

    public int LongestSequence => MostIn + MostOut;

    public string Description => $"{Name}: {Requests} x {Range(FewestIn, MostIn)} in, {Range(FewestOut, MostOut)} out";

    public static Workload Of(string name) => All.FirstOrDefault(workload => workload.Name == name)
        ?? throw new ArgumentException($"There is no workload {name}; there is {string.Join(", ", All.Select(workload => workload.Name))}.");

    /// <summary>The same requests every time.</summary>
    public (int[] Prompt, int Output)[] Draw(int vocabulary)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Requests).Select(_ =>
            (Enumerable.Range(0, random.Next(FewestIn, MostIn + 1)).Select(_ => random.Next(vocabulary)).ToArray(), random.Next(FewestOut, MostOut + 1)))];
    }

    /// <summary>The same lengths every time, all so many times over, with tokens of their own: no prompt finds another one's in a cache.</summary>
    public (int[] Prompt, int Output)[] Draw(int vocabulary, int copies, int seed)
    {
        var tokens = new Random(seed);
        return [.. Enumerable.Repeat(Draw(vocabulary), copies).SelectMany(all => all).Select(request => (request.Prompt.Select(_ => tokens.Next(vocabulary)).ToArray(), request.Output))];
    }

    private static string Range(int least, int most) => least == most ? $"{least}" : $"{least}..{most}";
}
