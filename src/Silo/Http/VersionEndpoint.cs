using System.Reflection;
using Splitwiser.Silo.Http.Wire;

namespace Splitwiser.Silo.Http;

/// <summary>GET /version: of this host and of the engine that runs its actors.</summary>
internal sealed class VersionEndpoint : IEndpoint
{
    private static readonly Assembly Host = typeof(VersionEndpoint).Assembly;

    public static VersionBody Version { get; } = new(
        Host.GetName().Version!.ToString(3),
        ActorEngine.Name,
        Host.GetCustomAttributes<AssemblyMetadataAttribute>().First(metadata => metadata.Key == "OrleansVersion").Value!);

    public Task Handle(HttpContext context) => JsonOut.Write(context, Version, WireJson.Default.VersionBody);
}
