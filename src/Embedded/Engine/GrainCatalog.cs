using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Splitwiser.Embedded;

/// <summary>A class of grains and what its attributes say.</summary>
internal sealed class GrainClass(Type type)
{
    private readonly ObjectFactory create = ActivatorUtilities.CreateFactory(type, []);

    public Type Implementation { get; } = type;

    public GrainType Type { get; } = GrainType.Create(NameOf(type));

    public bool Reentrant { get; } = type.IsDefined(typeof(ReentrantAttribute), true);

    public PlacementStrategy Placement { get; } = type.GetCustomAttribute<PlacementAttribute>()?.PlacementStrategy ?? RandomPlacement.Singleton;

    public Grain Create(IServiceProvider services) => (Grain)create(services, null);

    private static string NameOf(Type type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.EndsWith("grain", StringComparison.Ordinal) && name.Length > 5 ? name[..^5] : name;
    }
}

/// <summary>Every grain class and interface of the process: of its loaded assemblies and of those that they refer to.</summary>
internal sealed class GrainCatalog
{
    private static readonly Lazy<GrainCatalog> Loaded = new(() => new(Assemblies()));
    private readonly Dictionary<GrainType, GrainClass> classes = [];
    private readonly Dictionary<Type, List<GrainClass>> implementations = [];

    private GrainCatalog(IEnumerable<Assembly> assemblies)
    {
        foreach (var type in assemblies.SelectMany(a => a.GetTypes()))
        {
            if (GrainContract.IsGrainInterface(type)) implementations.TryAdd(type, []);
            else if (type.IsAssignableTo(typeof(Grain)) && !type.IsAbstract && !type.IsGenericType) Add(new(type));
        }
    }

    public static GrainCatalog Shared => Loaded.Value;

    /// <summary>Throws what keeps a silo from starting: a contract that the wire can't carry.</summary>
    public void Check()
    {
        foreach (var method in implementations.Keys.SelectMany(type => type.GetMethods()).Where(m => !m.IsStatic)) GrainMethod.Of(method);
    }

    public GrainClass ClassOf(GrainType type) =>
        classes.TryGetValue(type, out var found) ? found : throw new ArgumentException($"No class implements grain type {type}.");

    public GrainClass ClassOf(Type grainInterface, string? prefix)
    {
        var fitting = implementations.GetValueOrDefault(grainInterface)?
            .FindAll(c => prefix is null || c.Implementation.FullName!.StartsWith(prefix, StringComparison.Ordinal)) ?? [];
        return fitting.Count switch
        {
            1 => fitting[0],
            0 => throw new ArgumentException($"No grain class implements {grainInterface}."),
            _ => throw new ArgumentException($"Several grain classes implement {grainInterface}: {string.Join(", ", fitting.Select(c => c.Implementation))}."),
        };
    }

    private void Add(GrainClass added)
    {
        if (!classes.TryAdd(added.Type, added))
            throw new OrleansConfigurationException($"{added.Implementation} and {classes[added.Type].Implementation} have the same grain type {added.Type}.");
        foreach (var contract in added.Implementation.GetInterfaces().Where(GrainContract.IsGrainInterface))
        {
            if (!implementations.TryGetValue(contract, out var list)) implementations.Add(contract, list = []);
            list.Add(added);
        }
    }

    private static IEnumerable<Assembly> Assemblies()
    {
        var engine = typeof(GrainCatalog).Assembly.GetName().Name;
        var found = new Dictionary<string, Assembly>();
        var open = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies());
        while (open.TryDequeue(out var assembly))
        {
            if (assembly.IsDynamic || !found.TryAdd(assembly.GetName().Name!, assembly)) continue;
            foreach (var name in assembly.GetReferencedAssemblies())
                if (!found.ContainsKey(name.Name!) && Load(name) is { } reference) open.Enqueue(reference);
        }
        return found.Values.Where(a => a.GetReferencedAssemblies().Any(name => name.Name == engine));
    }

    private static Assembly? Load(AssemblyName name)
    {
        if (name.Name!.StartsWith("System", StringComparison.Ordinal) || name.Name.StartsWith("Microsoft", StringComparison.Ordinal)) return null; // no grains there
        try
        {
            return Assembly.Load(name);
        }
        catch (FileNotFoundException)
        {
            return null; // a reference that is not deployed: nothing can run in it
        }
    }
}
