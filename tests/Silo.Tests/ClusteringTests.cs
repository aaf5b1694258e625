using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Tests;

/// <summary>What a silo is told of its cluster.</summary>
public sealed class ClusteringTests
{
    [Theory]
    [InlineData("Provider", "Redis")]
    [InlineData("Tls:CertFile", "cert.pem")]
    [InlineData("Dashboard", "true")]
    [InlineData("ClusterId", "prod")]
    public void The_embedded_engine_says_what_to_build_for_a_cluster(string setting, string value)
    {
        Assert.SkipUnless(ActorEngine.Name == "Embedded", "This engine knows clusters.");
        Refusal(setting, value).ShouldContain("build with -p:OrleansEngine=Microsoft");
    }

    [Theory]
    [InlineData("Nonsense", "1")]
    [InlineData("Provider", "Magic")]
    [InlineData("Provider", "Redis")] // without a connection
    [InlineData("SiloPort", "0")]
    [InlineData("AdvertisedAddress", "somewhere")]
    [InlineData("ProbeTimeout", "soon")]
    [InlineData("Votes", "0")]
    [InlineData("Dashboard", "maybe")]
    [InlineData("Tls:CertFile", "/no/such/file")] // without the others
    [InlineData("Tls:Nonsense", "1")]
    public void A_wrong_setting_is_refused_by_its_name(string setting, string value) => Refusal(setting, value).ShouldContain("Splitwiser:Clustering");

    private static string Refusal(string setting, string value)
    {
        Dictionary<string, string?> given = new() { [$"Splitwiser:Clustering:{setting}"] = value };
        if (setting == "AdvertisedAddress") (given["Splitwiser:Clustering:Provider"], given["Splitwiser:Clustering:ConnectionString"]) = ("Redis", "localhost");
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(given).Build();
        return Should.Throw<BadConfigurationException>(() => Host.CreateEmptyApplicationBuilder(null).UseOrleans(silo => ActorEngine.Join(silo, Clustering.Of(configuration)))).Message;
    }
}
