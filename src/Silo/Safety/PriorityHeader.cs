using System.Globalization;
using Splitwiser.Silo.Http;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Safety;

/// <summary>X-Priority: a request's priority for clients, and proxies, that can't write the body's field. The field goes before it.</summary>
internal static class PriorityHeader
{
    public const string Name = "X-Priority";

    /// <exception cref="ApiException">400: the header is no whole number.</exception>
    public static T WithPriorityOf<T>(this T fields, HttpContext context) where T : GenerationFields
    {
        if (fields.Priority is not null || context.Request.Headers[Name] is not [{ } text])
            return fields;
        return Read(text) is { } priority ? fields with { Priority = priority } : throw ApiException.Invalid($"{Name}: expected a whole number, found '{text}'.", Name);
    }

    /// <summary>What the header says, 0 where there is none; null when it is no whole number.</summary>
    public static int? Of(HttpContext context) => context.Request.Headers[Name] is [{ } text] ? Read(text) : 0;

    private static int? Read(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority) ? priority : null;
}
