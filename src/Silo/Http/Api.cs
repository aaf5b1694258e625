using Splitwiser.Silo.Admin;
using Splitwiser.Silo.Metrics;
using Splitwiser.Silo.Options;
using Splitwiser.Silo.Page;
using Splitwiser.Silo.Safety;

namespace Splitwiser.Silo.Http;

/// <summary>The HTTP API: one class an endpoint.</summary>
internal static class Api
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static IServiceCollection AddApi(this IServiceCollection services) => services
        .AddSingleton<ChatPrompts>()
        .AddSingleton<PromptLimit>()
        .AddSingleton<Choices>()
        .AddSingleton<StreamedAnswer>()
        .AddSingleton<CompletionsEndpoint>()
        .AddSingleton<ChatCompletionsEndpoint>()
        .AddSingleton<EmbeddingsEndpoint>()
        .AddSingleton<ModelsEndpoint>()
        .AddSingleton<TokenizeEndpoint>()
        .AddSingleton<DetokenizeEndpoint>()
        .AddSingleton<HealthEndpoint>()
        .AddSingleton<ReadyEndpoint>()
        .AddSingleton<VersionEndpoint>()
        .AddSingleton<MetricsEndpoint>()
        .AddSingleton<MeterTotals>()
        .AddSingleton<SiloMetrics>()
        .AddPage();

    public static WebApplication MapApi(this WebApplication app)
    {
        app.UseMiddleware<RequestIds>();
        app.UseMiddleware<ErrorAnswers>();
        app.UseSafety();
        app.UseMiddleware<DrainGate>();
        app.UseMiddleware<RequestDeadline>();
        app.UseMiddleware<FullHouse>();
        app.UseRouting(); // after these, so that they see its 404 and 405
        Post<CompletionsEndpoint>("/v1/completions");
        Post<ChatCompletionsEndpoint>("/v1/chat/completions");
        Post<EmbeddingsEndpoint>("/v1/embeddings");
        Post<TokenizeEndpoint>("/tokenize");
        Post<DetokenizeEndpoint>("/detokenize");
        Get<ModelsEndpoint>("/v1/models");
        Get<HealthEndpoint>("/health");
        Get<ReadyEndpoint>("/ready");
        Get<VersionEndpoint>("/version");
        Get<MetricsEndpoint>("/metrics");
        app.MapMethods("/v1/models/{**name}", Reading, app.Services.GetRequiredService<ModelsEndpoint>().HandleOne); // names may have slashes
        app.MapPage();
        app.MapAdmin(app.Services.GetRequiredService<SplitwiserOptions>());
        return app;

        void Post<T>(string path) where T : IEndpoint => app.MapPost(path, app.Services.GetRequiredService<T>().Handle);
        void Get<T>(string path) where T : IEndpoint => app.MapMethods(path, Reading, app.Services.GetRequiredService<T>().Handle);
    }
}

/// <summary>Answers one route. Failures are thrown; <see cref="ErrorAnswers"/> writes them.</summary>
internal interface IEndpoint
{
    Task Handle(HttpContext context);
}
