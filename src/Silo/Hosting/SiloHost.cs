using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Splitwiser.Grains;
using Splitwiser.Silo.Http;
using Splitwiser.Silo.Options;
using Splitwiser.Silo.Safety;
using Splitwiser.Silo.Tracing;

namespace Splitwiser.Silo.Hosting;

/// <summary>The host: a silo with the model's devices, and the HTTP API in front of it.</summary>
internal static class SiloHost
{
    /// <summary>Bytes of a stream that the kernel may hold for a client that doesn't read: more would be decoded for nobody.</summary>
    private const int SendBuffer = 64 << 10;

    /// <param name="urls">Where to listen; port 0 takes any free one.</param>
    /// <exception cref="BadConfigurationException">The silo can't join a cluster as configured, a key is malformed, or https lacks its certificate.</exception>
    public static WebApplication Build(IConfiguration configuration, SplitwiserOptions options, LoadedModel model, ListenUrls urls)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(SiloHost).Assembly.GetName().Name });
        var keys = ApiKeys.Read(configuration, options, TimeProvider.System);
        Tls.Check(options, configuration, urls);
        builder.Configuration.AddConfiguration(configuration).AddInMemoryCollection(Tls.Settings(options));
        (options.LogFormat == LogFormat.Json
            ? builder.Logging.ClearProviders().AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, "O"))
            : builder.Logging.ClearProviders().AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss ")))
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // what it says of a failed start, the command line says in one line
        builder.WebHost.UseUrls(urls.Text)
            .UseKestrelHttpsConfiguration()
            .ConfigureKestrel(server =>
            {
                server.AddServerHeader = false;
                server.Limits.MaxRequestBodySize = null;  // RequestBody has its own limit (--max-body-bytes), and lets the client hear of it
                server.Limits.MinResponseDataRate = null; // SseWriter watches readers, by --consumer-idle-timeout
            })
            .UseSockets(sockets => sockets.CreateBoundListenSocket = Listen);
        FrontDoor.AddTo(builder.Services);
        builder.UseOrleans(silo =>
        {
            ActorEngine.Join(silo, Clustering.Of(configuration));
            silo.Configure<Orleans.Configuration.SiloOptions>(named => named.SiloName = options.SiloName ?? Environment.MachineName);
            silo.AddSplitwiser(options, model);
        });
        builder.Services
            .AddSingleton(options)
            .AddSingleton(model)
            .AddSingleton(urls)
            .AddSafety(keys, options)
            .AddApi()
            .AddSingleton<Drain>()
            .AddHostedService(services => services.GetRequiredService<Drain>())
            .Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.ShutdownTimeout) + TimeSpan.FromSeconds(10));
        TraceExport.AddTo(builder.Services, options);
        var app = builder.Build().MapApi();
        ActorEngine.Map(app, Clustering.Of(configuration));
        return app;
    }

    /// <summary>Connections inherit the listener's send buffer.</summary>
    private static Socket Listen(EndPoint endpoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        socket.SendBufferSize = SendBuffer;
        return socket;
    }
}
