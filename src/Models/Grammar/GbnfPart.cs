using Splitwiser.Models.Tokenization.Patterns;

namespace Splitwiser.Models.Grammar;

/// <summary>A piece of a rule's body.</summary>
internal abstract record GbnfPart
{
    /// <summary>The parts of it.</summary>
    public virtual IReadOnlyList<GbnfPart> Parts => [];

    /// <summary>It may match nothing at all.</summary>
    public abstract bool IsOptional(Func<string, bool> isOptional);

    /// <summary>Those of its parts that may begin where it begins.</summary>
    public virtual IEnumerable<GbnfPart> Openers(Func<string, bool> isOptional) => Parts;

    /// <summary>Characters that it comes to with all rules and repetitions written out.</summary>
    public abstract long Size(Func<string, long> sizeOf);

    /// <summary>The same as a regular expression, if its rules are.</summary>
    public abstract PatternPart ToPattern(Func<string, PatternPart> patternOf);

    /// <summary>All rules that it names, where it names them.</summary>
    public IEnumerable<GbnfReference> References() => this is GbnfReference own ? [own] : Parts.SelectMany(part => part.References());

    /// <summary>The rules that may begin where it begins.</summary>
    public IEnumerable<GbnfReference> FirstReferences(Func<string, bool> isOptional) =>
        this is GbnfReference own ? [own] : Openers(isOptional).SelectMany(part => part.FirstReferences(isOptional));
}

/// <summary>One character of a set.</summary>
internal sealed record GbnfSet(CodePointSet Characters) : GbnfPart
{
    public override bool IsOptional(Func<string, bool> isOptional) => false;

    public override long Size(Func<string, long> sizeOf) => 1;

    public override PatternPart ToPattern(Func<string, PatternPart> patternOf) => new PatternSet(Characters);
}

/// <summary>Another rule.</summary>
internal sealed record GbnfReference(string Name, GbnfPlace Place) : GbnfPart
{
    public override bool IsOptional(Func<string, bool> isOptional) => isOptional(Name);

    public override long Size(Func<string, long> sizeOf) => sizeOf(Name);

    public override PatternPart ToPattern(Func<string, PatternPart> patternOf) => patternOf(Name);
}

/// <summary>One after the other.</summary>
internal sealed record GbnfSequence(IReadOnlyList<GbnfPart> Items) : GbnfPart
{
    public static GbnfSequence Empty { get; } = new([]);

    public override IReadOnlyList<GbnfPart> Parts => Items;

    public override bool IsOptional(Func<string, bool> isOptional) => Items.All(item => item.IsOptional(isOptional));

    public override IEnumerable<GbnfPart> Openers(Func<string, bool> isOptional)
    {
        foreach (var item in Items)
        {
            yield return item;
            if (!item.IsOptional(isOptional)) yield break;
        }
    }

    public override long Size(Func<string, long> sizeOf)
    {
        var size = 0L;
        foreach (var item in Items) size = Math.Min(GbnfCompiler.Endless, size + item.Size(sizeOf));
        return size;
    }

    public override PatternPart ToPattern(Func<string, PatternPart> patternOf) => new PatternSequence([.. Items.Select(item => item.ToPattern(patternOf))]);
}

/// <summary>One of several.</summary>
internal sealed record GbnfChoice(IReadOnlyList<GbnfPart> Options) : GbnfPart
{
    public override IReadOnlyList<GbnfPart> Parts => Options;

    public override bool IsOptional(Func<string, bool> isOptional) => Options.Any(option => option.IsOptional(isOptional));

    public override long Size(Func<string, long> sizeOf)
    {
        var size = 0L;
        foreach (var option in Options) size = Math.Min(GbnfCompiler.Endless, size + option.Size(sizeOf));
        return size;
    }

    public override PatternPart ToPattern(Func<string, PatternPart> patternOf) => new PatternChoice([.. Options.Select(option => option.ToPattern(patternOf))]);
}

/// <summary>The same over and over.</summary>
/// <param name="Most">Null for any number.</param>
internal sealed record GbnfRepeat(GbnfPart Part, int Least, int? Most, GbnfPlace Place) : GbnfPart
{
    public override IReadOnlyList<GbnfPart> Parts => [Part];

    public override bool IsOptional(Func<string, bool> isOptional) => Least == 0 || Part.IsOptional(isOptional);

    public override long Size(Func<string, long> sizeOf) => Math.Min(GbnfCompiler.Endless, Math.Max(Least, Most ?? Least + 1) * Part.Size(sizeOf));

    public override PatternPart ToPattern(Func<string, PatternPart> patternOf) => new PatternRepeat(Part.ToPattern(patternOf), Least, Most);
}
