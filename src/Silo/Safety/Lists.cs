namespace Splitwiser.Silo.Safety;

/// <summary>Settings that are lists: parted by commas.</summary>
internal static class Lists
{
    public static string[] Read(string? text) => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
