using Orleans.Configuration;
using Orleans.TestingHost;
using Microsoft.Extensions.Configuration;

namespace Splitwiser.Cluster.Tests;

/// <summary>A client that ends what it gave up on.</summary>
internal sealed class DemoClient : IClientBuilderConfigurator
{
    public void Configure(IConfiguration configuration, IClientBuilder clientBuilder) =>
        clientBuilder.Configure<ClientMessagingOptions>(messaging => messaging.CancelRequestOnTimeout = true);
}
