using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Safety;

/// <summary>What stands before the API.</summary>
internal static class SafetySetup
{
    public static IServiceCollection AddSafety(this IServiceCollection services, ApiKeys keys, SplitwiserOptions options) => services
        .AddSingleton(keys)
        .AddCors(cors => cors.AddDefaultPolicy(Origins.Policy(options)));

    /// <summary>From the outside in. Answers to other origins come before the key: a browser asks without one whether it may send it.</summary>
    public static void UseSafety(this WebApplication app)
    {
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<HostNames>();
        app.UseCors();
        app.UseMiddleware<KeyGate>();
    }
}
