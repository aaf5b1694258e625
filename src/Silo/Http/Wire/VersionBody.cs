namespace Splitwiser.Silo.Http.Wire;

/// <param name="Engine">What runs the actors: Embedded or Microsoft.</param>
/// <param name="Orleans">The Orleans version in use, or whose API the embedded engine follows.</param>
internal sealed record VersionBody(string Version, string Engine, string Orleans);
