using System.Text.Json;

namespace Splitwiser.Silo.Tests;

/// <summary>Short ways into answers.</summary>
internal static class JsonReading
{
    public static JsonElement Choice(this JsonElement answer, int index = 0) => answer.GetProperty("choices")[index];

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static int Number(this JsonElement element, string name) => element.GetProperty(name).GetInt32();

    public static int[] Ints(this JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(number => number.GetInt32())];

    public static int[] TokenIds(this JsonElement choice) => choice.Ints("token_ids");

    /// <summary>The events' texts of one choice, joined.</summary>
    public static string JoinedText(this IEnumerable<JsonElement> events, int choice = 0) =>
        string.Concat(events.ChoicesOf(choice).Select(piece => piece.Text("text")));

    public static int[] JoinedIds(this IEnumerable<JsonElement> events, int choice = 0) =>
        [.. events.ChoicesOf(choice).SelectMany(piece => piece.TokenIds())];

    public static IEnumerable<JsonElement> ChoicesOf(this IEnumerable<JsonElement> events, int choice) =>
        events.SelectMany(item => item.GetProperty("choices").EnumerateArray()).Where(piece => piece.Number("index") == choice);
}
