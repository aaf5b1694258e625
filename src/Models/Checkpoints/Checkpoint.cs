using System.Collections.Immutable;

namespace Splitwiser.Models.Checkpoints;

/// <summary>
/// The weights of a model folder: model.safetensors, or the shards that model.safetensors.index.json lists. Tensors stay in the
/// files; names that the model doesn't ask for are ignored.
/// </summary>
internal sealed class Checkpoint : ITensorSource
{
    private const string Single = "model.safetensors";
    private const string Index = "model.safetensors.index.json";

    private readonly string source;                                      // the file that lists the names, for messages
    private readonly Dictionary<string, SafetensorsFile> files = [];     // by full path
    private readonly Dictionary<string, SafetensorsFile> fileOf = [];    // by tensor

    private Checkpoint(string source) => this.source = source;

    /// <param name="folder">Full path without a separator at the end.</param>
    /// <exception cref="ModelFormatException">A file is missing or broken.</exception>
    public static Checkpoint Open(string folder)
    {
        var single = Path.Combine(folder, Single);
        var index = Path.Combine(folder, Index);
        var checkpoint = new Checkpoint(File.Exists(single) ? single : index);
        try
        {
            if (File.Exists(single))
                checkpoint.AddFile(single);
            else if (File.Exists(index))
                checkpoint.AddShards(folder, JsonFields.Read(index));
            else
                throw new ModelFormatException(folder, "weights", $"{Single} or {Index}", "neither");
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    public Tensor Take(string name, params ImmutableArray<int> shape) =>
        Find(name, shape) ?? throw Missing(name, shape);

    public Tensor? Find(string name, params ImmutableArray<int> shape) => Find(name, shape, transposed: false);

    public Tensor TakeTransposed(string name, int inputs, int outputs) => Find(name, [inputs, outputs], transposed: true) ?? throw Missing(name, [inputs, outputs]);

    public bool Has(string name) => fileOf.ContainsKey(name);

    public IEnumerable<long> Load(bool readThrough) => files.Values.SelectMany(file => file.Load(readThrough));

    public void Dispose()
    {
        foreach (var file in files.Values)
            file.Dispose();
    }

    private Tensor? Find(string name, ImmutableArray<int> shape, bool transposed)
    {
        if (!fileOf.TryGetValue(name, out var file))
            return null;
        return file.Find(name, shape, transposed) ?? throw new ModelFormatException(file.Path, name, "the tensor that the index puts there", "nothing");
    }

    private ModelFormatException Missing(string name, ImmutableArray<int> shape) =>
        new(source, name, $"a tensor of shape [{string.Join(", ", shape)}]", "nothing");

    private void AddFile(string path)
    {
        var file = files[path] = SafetensorsFile.Open(path);
        foreach (var name in file.Names)
            fileOf.Add(name, file);
    }

    private void AddShards(string folder, JsonFields index)
    {
        var map = index.FindObject("weight_map") ?? throw index.Wrong("weight_map", "an object", "nothing");
        foreach (var (name, value) in map.All())
        {
            var path = ShardPath(folder, map, name, map.Text(name, value));
            if (!files.TryGetValue(path, out var file))
                files.Add(path, file = SafetensorsFile.Open(path));
            fileOf.Add(name, file);
        }
    }

    /// <summary>A shard lies inside the folder (as a link, perhaps: hub caches keep folders of links).</summary>
    private static string ShardPath(string folder, JsonFields map, string name, string shard)
    {
        var root = folder + Path.DirectorySeparatorChar;
        var path = shard.Contains('\0') ? "" : Path.GetFullPath(Path.Combine(root, shard));
        return path.Length > root.Length && path.StartsWith(root, StringComparison.Ordinal)
            ? path
            : throw map.Wrong(name, "a file inside the folder", shard);
    }
}
