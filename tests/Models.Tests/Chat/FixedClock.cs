namespace Splitwiser.Models.Tests.Chat;

/// <summary>Friday, 26 July 2024, in the afternoon.</summary>
internal sealed class FixedClock : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => new(2024, 7, 26, 15, 4, 5, TimeSpan.Zero);
}
