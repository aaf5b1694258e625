namespace Splitwiser.Gpu.Cuda;

/// <summary>Where the parts of a step's upload lie: byte offsets that depend on the shape only, so that a graph finds them again. The lists come last.</summary>
internal readonly record struct StepLayout
{
    private const int Alignment = 16;

    public unsafe StepLayout(in StepShape shape)
    {
        var at = Aligned(sizeof(StepHeader));
        Sources = Take(shape.Tokens, sizeof(TokenSource), ref at);
        Positions = Take(shape.Tokens, sizeof(int), ref at);
        Places = Take(shape.Tokens, sizeof(int), ref at);
        HeadRows = Take(shape.Rows, sizeof(int), ref at);
        Samples = Take(shape.Rows, sizeof(SampleRecord), ref at);
        Decodes = Take(shape.Decodes, sizeof(DecodeRecord), ref at);
        Segments = Take(shape.Segments, sizeof(SegmentRecord), ref at);
        Tiles = Take(shape.Tiles, sizeof(RowTile), ref at);
        Probes = Take(shape.IsProbed ? 1 : 0, sizeof(ProbeHeader), ref at);
        Pools = Take(shape.Pools, sizeof(PoolRecord), ref at);
        ScoredRows = Take(shape.Scores, sizeof(int), ref at);
        Scores = Take(shape.Scores, sizeof(ScoredRecord), ref at);
        Lists = at;
    }

    public static int Header => 0;
    public int Sources { get; }
    public int Positions { get; }
    public int Places { get; }
    public int HeadRows { get; }
    public int Samples { get; }
    public int Decodes { get; }
    public int Segments { get; }
    public int Tiles { get; }
    public int Probes { get; }
    public int Pools { get; }
    public int ScoredRows { get; }
    public int Scores { get; }

    /// <summary>Page tables, then the token lists of sampling rows: ints.</summary>
    public int Lists { get; }

    private static int Take(int count, int size, ref int at)
    {
        var start = at;
        at += Aligned(count * size);
        return start;
    }

    private static int Aligned(int bytes) => (bytes + Alignment - 1) / Alignment * Alignment;
}
