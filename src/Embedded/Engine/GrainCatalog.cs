using Orleans.Concurrency;
using Orleans.Placement;

namespace Splitwiser.Embedded;

/// <summary>A class of grains and what its attributes say.</summary>
internal sealed class GrainClass(Type type)
{
    private ObjectFactory? create;

    public Type Implementation { get; } = type;
    /// <summary>The class name in lower case, without "Grain" at the end.</summary>
    public string Type { get; } = NameOf(type.Name.ToLowerInvariant());
    public bool Reentrant { get; } = type.IsDefined(typeof(ReentrantAttribute), true);
    public PlacementStrategy Placement { get; } = type.GetCustomAttribute<PlacementAttribute>()?.PlacementStrategy ?? new RandomPlacement();
    public TimeSpan? CollectionAge { get; } = type.GetCustomAttribute<CollectionAgeLimitAttribute>()?.AgeLimit;
    public Grain Create(IServiceProvider services) => (Grain)(create ??= ActivatorUtilities.CreateFactory(Implementation, []))(services, null);

    private static string NameOf(string name) => name.EndsWith("grain", StringComparison.Ordinal) ? name[..^5] : name;
}

/// <summary>Every grain class and interface of the process: of its loaded assemblies and of those that they refer to.</summary>
internal sealed class GrainCatalog
{
    private static readonly Lazy<GrainCatalog> Loaded = new(() => new(Assemblies()));
    private readonly Dictionary<string, GrainClass> classes = [];
    private readonly ConcurrentDictionary<(Type Interface, string? Prefix), GrainClass> chosen = new();
    private readonly Type[] interfaces;

    private GrainCatalog(IEnumerable<Assembly> assemblies)
    {
        var types = assemblies.SelectMany(a => a.GetTypes()).ToList();
        interfaces = [.. types.Where(t => t.IsInterface && t.IsAssignableTo(typeof(IAddressable)))];
        foreach (var grain in types.Where(t => t.IsAssignableTo(typeof(Grain)) && t is { IsAbstract: false, IsGenericType: false }).Select(t => new GrainClass(t)))
            if (!classes.TryAdd(grain.Type, grain)) throw new OrleansConfigurationException($"Two grain classes have the type {grain.Type}: {grain.Implementation} and {classes[grain.Type].Implementation}.");
    }

    public static GrainCatalog Shared => Loaded.Value;
    public GrainClass this[string type] => classes[type];

    /// <summary>Throws what keeps a silo from starting: a contract that the wire can't carry.</summary>
    public void Check()
    {
        foreach (var method in interfaces.SelectMany(type => type.GetMethods()).Where(m => !m.IsStatic)) GrainMethod.Of(method);
    }

    public GrainClass ClassOf(Type grainInterface, string? prefix) => chosen.GetOrAdd((grainInterface, prefix), wanted =>
    {
        GrainClass[] fitting = [.. classes.Values.Where(c => c.Implementation.IsAssignableTo(wanted.Interface) && c.Implementation.FullName!.StartsWith(wanted.Prefix ?? "", StringComparison.Ordinal))];
        return fitting.Length == 1 ? fitting[0] : throw new ArgumentException($"{fitting.Length} grain classes implement {wanted.Interface}.");
    });

    private static IEnumerable<Assembly> Assemblies()
    {
        var engine = typeof(GrainCatalog).Assembly.GetName().Name;
        var found = new HashSet<Assembly>();
        var open = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies());
        while (open.TryDequeue(out var assembly))
        {
            var references = assembly.IsDynamic ? [] : assembly.GetReferencedAssemblies();
            if (references.All(name => name.Name != engine) || !found.Add(assembly)) continue;
            foreach (var name in references)
                try { open.Enqueue(Assembly.Load(name)); }
                catch (FileNotFoundException) { } // it is not deployed, so nothing runs in it
        }
        return found;
    }
}
