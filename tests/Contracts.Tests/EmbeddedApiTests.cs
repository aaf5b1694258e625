using System.Reflection;
using Orleans.Runtime;
using Orleans.TestingHost;
using Splitwiser.Tests;

namespace Splitwiser.Contracts.Tests;

/// <summary>src/Embedded shows no public type or member that the real engine lacks, and stays small.</summary>
public sealed class EmbeddedApiTests
{
    /// <summary>Types of assemblies that the feed lacks, by assembly. Their members are looked up by hand.</summary>
    private static readonly Dictionary<string, string[]> Elsewhere = new()
    {
        ["Orleans.Serialization.Abstractions"] =
        [
            "Orleans.AliasAttribute", "Orleans.GenerateSerializerAttribute", "Orleans.IdAttribute", "Orleans.ImmutableAttribute", "Orleans.ResponseTimeoutAttribute",
            "Orleans.SuppressReferenceTrackingAttribute",
        ],
        ["Orleans.Core"] =
        [
            "Microsoft.Extensions.Hosting.OrleansClientGenericHostExtensions", "Orleans.CollectionAgeLimitAttribute", "Orleans.Configuration.ClientMessagingOptions", "Orleans.Configuration.ClusterMembershipOptions",
            "Orleans.Configuration.ClusterOptions", "Orleans.Configuration.MessagingOptions", "Orleans.Hosting.ClientBuilderExtensions", "Orleans.Hosting.IClientBuilder",
            "Orleans.IClusterClient", "Orleans.Runtime.ILocalSiloDetails", "Orleans.Runtime.Placement.IPlacementContext", "Orleans.Runtime.Placement.IPlacementDirector",
            "Orleans.Runtime.Placement.PlacementTarget", "Orleans.Runtime.SiloStatus", "Orleans.ServiceLifecycleStage",
        ],
        ["Orleans.Runtime"] =
        [
            "Microsoft.Extensions.Hosting.OrleansSiloGenericHostExtensions", "Orleans.Configuration.GrainCollectionOptions", "Orleans.Configuration.SiloMessagingOptions",
            "Orleans.Configuration.SiloOptions", "Orleans.Hosting.CoreHostingExtensions", "Orleans.Hosting.ISiloBuilder", "Orleans.Hosting.PlacementStrategyExtensions",
            "Orleans.Hosting.SiloBuilderExtensions", "Orleans.Runtime.ClusterMember", "Orleans.Runtime.ClusterMembershipSnapshot", "Orleans.Runtime.IClusterMembershipService",
            "Orleans.Runtime.ISiloLifecycle",
        ],
    };

    private static readonly Dictionary<string, EmbeddedApiType> Ours = EmbeddedApiReader.Read(typeof(Grain).Assembly.Location);

    private static readonly Dictionary<string, EmbeddedApiType> Theirs = typeof(EmbeddedApiTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "OrleansMetadata").Value!.Split(';').SelectMany(EmbeddedApiReader.Read).ToDictionary();

    [Fact]
    public void Each_public_type_exists_in_the_real_engine()
    {
        typeof(Grain).Assembly.GetName().Name.ShouldBe("Splitwiser.Embedded");
        Theirs.ShouldContainKey("Orleans.Grain");
        Theirs.ShouldContainKey("Orleans.TestingHost.TestCluster");
        Ours.Keys.Where(name => !Theirs.ContainsKey(name)).ShouldBe(Elsewhere.Values.SelectMany(names => names), ignoreOrder: true);
    }

    [Fact]
    public void Each_public_member_has_the_signature_that_it_has_there() =>
        Compared().SelectMany(pair => pair.Ours.Members.Except(pair.Theirs.Members).Select(member => $"{pair.Ours.Name}: {member}")).ShouldBeEmpty();

    [Fact]
    public void Each_type_is_of_the_same_kind_as_there()
    {
        foreach (var (ours, theirs) in Compared())
        {
            ours.Shape.ShouldBe(theirs.Shape, ours.Name);
            ours.Usage.ShouldBe(theirs.Usage, ours.Name);
            Ancestors(theirs).ShouldContain(ours.Base, ours.Name);
            ours.Interfaces.Except(theirs.Interfaces).ShouldBeEmpty(ours.Name);
        }
    }

    [Fact]
    public void The_engine_has_fewer_than_two_thousand_lines() => Directory
        .EnumerateFiles(Path.Combine(Repository.Root, "src", "Embedded"), "*.cs", SearchOption.AllDirectories)
        .Sum(file => File.ReadLines(file).Count()).ShouldBeInRange(1, 1999);

    [Fact]
    public async Task A_silo_with_a_contract_that_the_real_wire_does_not_carry_refuses_to_start() =>
        await Should.ThrowAsync<OrleansConfigurationException>(() => new TestClusterBuilder(1).Build().DeployAsync());

    private static IEnumerable<(EmbeddedApiType Ours, EmbeddedApiType Theirs)> Compared() =>
        Ours.Values.Where(type => Theirs.ContainsKey(type.Name)).Select(type => (type, Theirs[type.Name]));

    private static IEnumerable<string> Ancestors(EmbeddedApiType? type)
    {
        for (; type is not null; type = Theirs.GetValueOrDefault(type.Base)) yield return type.Base;
    }
}

/// <summary>A delegate can't cross calls: with this interface in it, no silo of this process starts.</summary>
[Alias("tests.IUnspeakableGrain")]
public interface IUnspeakableGrain : IGrainWithStringKey
{
    [Alias("Call")]
    Task Call(Action callback);
}
