namespace Splitwiser.Bench.Serve;

/// <summary>Requests in the order in which they come, at one request a second on average; a rate compresses the time between them.</summary>
/// <param name="Clipped">Requests that were shortened to what the server can hold.</param>
internal sealed record Load(IReadOnlyList<LoadRequest> Requests, int Clipped)
{
    public long PromptTokens => Requests.Sum(request => (long)request.Prompt);

    public long OutputTokens => Requests.Sum(request => (long)request.Output);

    /// <param name="context">Most tokens of prompt and output together.</param>
    /// <param name="copies">How many times everything comes, at once.</param>
    /// <exception cref="BenchException">The trace has no time between its rows.</exception>
    public static Load Of(LoadShape shape, IReadOnlyList<TraceRow> trace, int context, int copies = 1)
    {
        var random = new Random(shape.Seed);
        var arrivals = Arrivals(shape, trace, random);
        List<LoadRequest> requests = new(shape.Requests * copies);
        var clipped = 0;
        for (var i = 0; i < shape.Requests; i++)
        {
            var (prompt, output) = random.NextDouble() < shape.LongShare ? (shape.LongPrompt.Draw(random), shape.LongOutput.Draw(random))
                : trace.Count > 0 ? (trace[i].Prompt, trace[i].Output)
                : (shape.Prompt.Draw(random), shape.Output.Draw(random));
            (prompt, output) = (Scaled(prompt, shape.Scale), Scaled(output, shape.Scale));
            var room = context - 1;
            if (prompt + output > room) clipped++;
            output = Math.Min(output, room / 2);
            prompt = Math.Min(prompt, room - output);
            for (var copy = 0; copy < copies; copy++) requests.Add(new LoadRequest(arrivals[i] / copies, prompt, output));
        }

        return new Load(requests, clipped * copies);
    }

    private static int Scaled(int tokens, double scale) => Math.Max(1, (int)Math.Round(tokens * scale));

    private static double[] Arrivals(LoadShape shape, IReadOnlyList<TraceRow> trace, Random random)
    {
        var arrivals = new double[shape.Requests];
        if (shape.Arrivals == ArrivalKind.Trace)
        {
            var span = trace[^1].At;
            if (span <= 0) throw new BenchException("--trace: all rows have the same time; there is no rate to scale.");
            for (var i = 0; i < arrivals.Length; i++) arrivals[i] = trace[i].At / span * arrivals.Length;
        }
        else if (shape.Arrivals == ArrivalKind.Poisson)
        {
            for (var i = 1; i < arrivals.Length; i++) arrivals[i] = arrivals[i - 1] - Math.Log(1 - random.NextDouble());
        }

        return arrivals;
    }
}

/// <summary>What a load consists of.</summary>
/// <param name="Scale">All lengths are multiplied by it.</param>
/// <param name="LongShare">How many of the requests are long ones instead of rows of the trace, 0 to 1.</param>
/// <param name="Prompt">Without a trace.</param>
internal sealed record LoadShape(ArrivalKind Arrivals, int Requests, double Scale, LengthRange Prompt, LengthRange Output, double LongShare, LengthRange LongPrompt, LengthRange LongOutput, int Seed = 1);

/// <summary>When requests come.</summary>
internal enum ArrivalKind
{
    /// <summary>At the trace's times, compressed.</summary>
    Trace,

    /// <summary>Independently of each other.</summary>
    Poisson,

    /// <summary>All at once.</summary>
    Burst,
}
