using System.Globalization;
using Spectre.Console;
using Splitwiser.Models;

namespace Splitwiser.Silo.Hosting;

/// <summary>Loads the weights and shows how far it is: a bar on a terminal, plain lines elsewhere.</summary>
internal static class ModelLoading
{
    /// <param name="told">Also told.</param>
    public static void LoadShown(this LoadedModel model, IAnsiConsole console, IProgress<LoadProgress>? told = null)
    {
        var title = $"Loading {model.Served.Name}";
        if (console.Profile.Capabilities.Interactive)
            console.Progress().AutoClear(false).Start(bars => model.Load(new Both(new Bar(bars.AddTask(Markup.Escape(title))), told)));
        else
            model.Load(new Both(new Lines(console, title), told));
    }

    private sealed class Both(IProgress<LoadProgress> first, IProgress<LoadProgress>? second) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value)
        {
            first.Report(value);
            second?.Report(value);
        }
    }

    private sealed class Bar(ProgressTask task) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => task.Value = 100.0 * value.BytesLoaded / Math.Max(1, value.TotalBytes);
    }

    /// <summary>A line each quarter.</summary>
    private sealed class Lines(IAnsiConsole console, string title) : IProgress<LoadProgress>
    {
        private long told = -1;

        public void Report(LoadProgress value)
        {
            var quarter = 4 * value.BytesLoaded / Math.Max(1, value.TotalBytes);
            if (quarter <= told)
                return;
            told = quarter;
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title}: {25 * quarter} % of {value.TotalBytes / 1e6:F0} MB"));
        }
    }
}
