namespace Splitwiser.Silo.Demo;

/// <summary>Beginnings in the language of the demo model's training text. The last two begin alike, for longer than a page.</summary>
internal static class DemoPrompts
{
    private const string Long =
        "And it came to pass in those days, when there was no king in the land, that every man went up to the city of his fathers, " +
        "he and his sons and his sons' wives with him, and they pitched their tents by the river ";

    public static IReadOnlyList<string> All { get; } =
    [
        "In the beginning",
        "And the king said unto the woman,",
        "The LORD is my",
        "Blessed are they that",
        "And he took the bread, and",
        "Now these are the names of",
        Long + "until the morning. And",
        Long + "and gave thanks. Then",
    ];
}
