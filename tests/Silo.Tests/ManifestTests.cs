using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Splitwiser.Silo.Tests;

/// <summary>The manifests of clusters under deploy/ speak of what there is.</summary>
public sealed partial class ManifestTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy");

    [Theory, InlineData("kubernetes.yaml"), InlineData("compose.yaml")]
    public void Every_setting_of_the_manifests_exists_and_every_port_is_the_one_that_is_listened_on(string file)
    {
        var nodes = Documents(file).SelectMany(Nodes).ToList();
        var names = Options.Setting.All.Select(setting => Options.SettingSources.VariableOf(setting.Name)).Append("SPLITWISER_URLS")
            .Concat(Options.Clustering.Names.Select(name => $"Splitwiser__Clustering__{name}")).Concat(Options.Clustering.TlsNames.Select(name => $"Splitwiser__Clustering__Tls__{name}")).ToHashSet();
        var used = nodes.OfType<YamlScalarNode>().Select(node => node.Value!).Where(text => Named().IsMatch(text)).ToList();
        used.Count.ShouldBeGreaterThan(4);
        foreach (var name in used)
            names.ShouldContain(name);
        var dockerfile = File.ReadAllText(Path.Combine(Folder, "Dockerfile"));
        var text = File.ReadAllText(Path.Combine(Folder, file));
        Port().Match(dockerfile).Groups[1].Value.ShouldBe("8080");
        text.ShouldContain("8080");
        text.ShouldContain("ORLEANS_ENGINE");
        dockerfile.ShouldContain("ARG ORLEANS_ENGINE=");
    }

    [Fact]
    public void The_manifest_gives_a_silo_its_gpu_asks_it_how_it_is_and_leaves_it_the_time_to_drain()
    {
        var documents = Documents("kubernetes.yaml");
        var workload = documents.Single(document => Text(document, "kind") == "StatefulSet" && Text(document, "metadata", "name") == "splitwiser");
        var pod = At(workload, "spec", "template", "spec");
        var silo = ((YamlSequenceNode)At(pod, "containers")).Children.Single();
        Text(silo, "resources", "limits", "nvidia.com/gpu").ShouldBe("1");
        Text(silo, "livenessProbe", "httpGet", "path").ShouldBe("/health");
        Text(silo, "readinessProbe", "httpGet", "path").ShouldBe("/ready");
        Text(silo, "startupProbe", "httpGet", "path").ShouldBe("/ready");
        var environment = ((YamlSequenceNode)At(silo, "env")).Children.ToDictionary(variable => Text(variable, "name"));
        int.Parse(Text(pod, "terminationGracePeriodSeconds")).ShouldBeGreaterThan(int.Parse(Text(environment["SPLITWISER_SHUTDOWN_TIMEOUT"], "value")) + 10);

        var ports = ((YamlSequenceNode)At(silo, "ports")).Children.ToDictionary(port => Text(port, "name"), port => Text(port, "containerPort"));
        ports.ShouldBe(new Dictionary<string, string> { ["http"] = "8080", ["silo"] = "11111", ["gateway"] = "30000" });
        Text(environment["SPLITWISER_URLS"], "value").ShouldEndWith($":{ports["http"]}");

        var services = documents.Where(document => Text(document, "kind") == "Service").ToDictionary(document => Text(document, "metadata", "name"));
        Text(services[Text(workload, "spec", "serviceName")], "spec", "clusterIP").ShouldBe("None");
        foreach (var service in services.Values)
        {
            var served = documents.Single(document => Text(document, "kind") == "StatefulSet" && Text(document, "metadata", "name") == Text(service, "spec", "selector", "app"));
            var open = ((YamlSequenceNode)At(served, "spec", "template", "spec", "containers")).Children.SelectMany(container => ((YamlSequenceNode)At(container, "ports")).Children).Select(port => Text(port, "name")).ToList();
            foreach (var port in ((YamlSequenceNode)At(service, "spec", "ports")).Children)
                open.ShouldContain(Text(port, "targetPort"));
        }

        Text(environment["Splitwiser__Clustering__ConnectionString"], "value").ShouldBe($"{services.Keys.Single(name => name.EndsWith("redis", StringComparison.Ordinal))}:6379");
        foreach (var kept in Nodes(workload).OfType<YamlMappingNode>().Where(node => node.Children.ContainsKey("secretKeyRef")))
            File.ReadAllText(Path.Combine(Folder, "kubernetes.yaml")).ShouldContain($"--from-literal={Text(kept, "secretKeyRef", "key")}=");
    }

    [Fact]
    public void The_compose_file_starts_two_silos_of_one_cluster_and_waits_for_their_drain()
    {
        var services = (YamlMappingNode)At(Documents("compose.yaml").Single(), "services");
        var silos = services.Children.Where(service => ((YamlScalarNode)service.Key).Value!.StartsWith("silo", StringComparison.Ordinal)).Select(service => service.Value).ToList();
        silos.Count.ShouldBe(2);
        silos.Select(silo => Text(silo, "environment", "SPLITWISER_SILO_NAME")).Distinct().Count().ShouldBe(2);
        silos.Select(silo => ((YamlSequenceNode)At(silo, "ports")).Children.Single().ToString()).Distinct().ShouldAllBe(port => port.StartsWith("127.0.0.1:", StringComparison.Ordinal) && port.EndsWith(":8080", StringComparison.Ordinal));
        foreach (var silo in silos)
        {
            var common = At(silo, "<<");
            var shared = At(silo, "environment", "<<");
            int.Parse(Text(common, "stop_grace_period").TrimEnd('s')).ShouldBeGreaterThan(int.Parse(Text(shared, "SPLITWISER_SHUTDOWN_TIMEOUT")) + 10);
            Text(common, "build", "args", "ORLEANS_ENGINE").ShouldBe("Microsoft");
            services.Children.ShouldContainKey(Text(shared, "Splitwiser__Clustering__ConnectionString").Split(':')[0]);
        }
    }

    private static List<YamlNode> Documents(string file)
    {
        var stream = new YamlStream();
        using var reader = File.OpenText(Path.Combine(Folder, file));
        stream.Load(reader);
        return [.. stream.Documents.Select(document => document.RootNode)];
    }

    private static IEnumerable<YamlNode> Nodes(YamlNode root) => root.AllNodes;

    private static YamlNode At(YamlNode node, params string[] path) => path.Aggregate(node, (at, key) => ((YamlMappingNode)at).Children[key]);

    private static string Text(YamlNode node, params string[] path) => ((YamlScalarNode)At(node, path)).Value!;

    [GeneratedRegex(@"^(SPLITWISER_[A-Z_]+|Splitwiser__\w+)$")]
    private static partial Regex Named();

    [GeneratedRegex(@"EXPOSE (\d+)")]
    private static partial Regex Port();
}
