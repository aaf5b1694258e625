namespace Splitwiser.Silo.Demo;

/// <summary>Finds models/demo: it lies in the repository, which the binary or the working directory is in.</summary>
internal static class DemoModel
{
    private static readonly string Folder = Path.Combine("models", "demo");

    public static string? Find() => Find(Environment.CurrentDirectory) ?? Find(AppContext.BaseDirectory);

    private static string? Find(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            var model = Path.Combine(folder.FullName, Folder);
            if (File.Exists(Path.Combine(model, "config.json")))
                return model;
        }

        return null;
    }
}
