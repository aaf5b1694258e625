using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Hosting;

/// <summary>
/// The HTTP server, which can listen before the host has started: what comes until then is answered by a handler of its own, and
/// what comes later by the application, on the same sockets. A host would start its server last, after the model is loaded.
/// </summary>
internal sealed class FrontDoor(IServer server) : IServer
{
    private Relay? relay; // null while the door is closed

    public IFeatureCollection Features => server.Features;

    public IReadOnlyCollection<string> Addresses => [.. server.Features.Get<IServerAddressesFeature>()!.Addresses];

    /// <summary>Puts the door before the server that the services have.</summary>
    public static void AddTo(IServiceCollection services)
    {
        var behind = services.Last(service => service.ServiceType == typeof(IServer));
        services.Remove(behind);
        services.AddSingleton(behind.ImplementationType!)
            .AddSingleton(provider => new FrontDoor((IServer)provider.GetRequiredService(behind.ImplementationType!)))
            .AddSingleton<IServer>(provider => provider.GetRequiredService<FrontDoor>());
    }

    /// <summary>Listens from now on.</summary>
    /// <param name="meanwhile">Answers until the application starts.</param>
    /// <exception cref="IOException">An address is in use.</exception>
    public Task Open(ListenUrls urls, RequestDelegate meanwhile, CancellationToken ct)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()!.Addresses;
        foreach (var url in urls.Text.Split(';', StringSplitOptions.TrimEntries))
            addresses.Add(url);
        relay = new Relay(new Handler(meanwhile));
        return server.StartAsync(relay, ct);
    }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken) where TContext : notnull
    {
        if (relay is null)
            return server.StartAsync(application, cancellationToken);
        relay.Answerer = new Application<TContext>(application);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => server.StopAsync(cancellationToken);

    public void Dispose()
    {
        // The services dispose the server itself.
    }

    /// <summary>Who answers a request is settled when it comes.</summary>
    private sealed class Relay(Answerer first) : IHttpApplication<(Answerer Answerer, object Context)>
    {
        private volatile Answerer answerer = first;

        public Answerer Answerer { set => answerer = value; }

        public (Answerer Answerer, object Context) CreateContext(IFeatureCollection contextFeatures)
        {
            var now = answerer;
            return (now, now.Begin(contextFeatures));
        }

        public Task ProcessRequestAsync((Answerer Answerer, object Context) context) => context.Answerer.Answer(context.Context);

        public void DisposeContext((Answerer Answerer, object Context) context, Exception? exception) => context.Answerer.End(context.Context, exception);
    }

    private abstract class Answerer
    {
        public abstract object Begin(IFeatureCollection features);

        public abstract Task Answer(object context);

        public abstract void End(object context, Exception? exception);
    }

    private sealed class Handler(RequestDelegate handle) : Answerer
    {
        public override object Begin(IFeatureCollection features) => new DefaultHttpContext(features);

        public override Task Answer(object context) => handle((HttpContext)context);

        public override void End(object context, Exception? exception)
        {
            // A context of its own holds nothing.
        }
    }

    private sealed class Application<TContext>(IHttpApplication<TContext> application) : Answerer where TContext : notnull
    {
        public override object Begin(IFeatureCollection features) => application.CreateContext(features);

        public override Task Answer(object context) => application.ProcessRequestAsync((TContext)context);

        public override void End(object context, Exception? exception) => application.DisposeContext((TContext)context, exception);
    }
}
