using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using Splitwiser.Client.Http;

namespace Splitwiser.Client.CommandLine;

/// <summary>Devices for people: a table for each kind that there is, a row for each device.</summary>
internal static class DeviceTable
{
    /// <summary>Seconds without a report after which a device is in doubt; silos report four times a second.</summary>
    private const double Late = 1;

    private const int BarWidth = 10;
    private const int Wide = 100;

    /// <param name="width">Columns of the screen.</param>
    public static IRenderable Of(IReadOnlyList<DeviceCard> devices, int width) => devices.Count == 0
        ? new Text("There is no device.\n")
        : new Rows(devices.GroupBy(Kind).SelectMany(same => new IRenderable[] { new Text(same.Key), Table([.. same], width >= Wide) }));

    private static string Kind(DeviceCard device) => string.Create(CultureInfo.InvariantCulture,
        $"{device.Model}, {device.MaxModelLen:N0} tokens, mode {device.Mode}, on {device.Hardware} with {device.MemoryBytes / (double)(1 << 30):F1} GiB");

    private static Table Table(IReadOnlyList<DeviceCard> devices, bool wide)
    {
        var table = new Table().Border(wide ? TableBorder.Simple : TableBorder.None).AddColumn(new TableColumn("\ndevice").NoWrap()).AddColumn(new TableColumn("\nstate").NoWrap());
        foreach (var heading in new[] { "\nSMs", "\nrunning", "\nwaiting", "queued\ntokens", "pages\nleased", "\ncached", "\nfree", "\nin use" })
            table.AddColumn(new TableColumn(heading).NoWrap().RightAligned());
        foreach (var column in table.Columns)
            column.Padding(wide ? new Padding(1, 0) : new Padding(0, 0, 1, 0));
        foreach (var device in devices)
        {
            table.AddRow(
                new Text(device.Device),
                State(device),
                device.Multiprocessors == 0 ? new Text("-") : Number(device.Multiprocessors),
                Number(device.Running),
                Number(device.Waiting),
                Number(device.QueuedTokens),
                Number(device.Pages.Leased),
                Number(device.Pages.Cached),
                Number(device.Pages.Free),
                Use(device.Pages, bar: wide));
        }

        return table;
    }

    private static Text State(DeviceCard device) =>
        !device.Open ? new("closed", new Style(Color.Red))
        : device.AgeSeconds > Late ? new(string.Create(CultureInfo.InvariantCulture, $"silent {device.AgeSeconds:F0} s"), new Style(Color.Yellow))
        : new("open", new Style(Color.Green));

    private static Text Number(int value) => new(value.ToString("N0", CultureInfo.InvariantCulture));

    /// <summary>Leased and cached pages of all.</summary>
    private static Markup Use(PageCard pages, bool bar)
    {
        var total = Math.Max(1, pages.Total);
        var leased = (int)Math.Ceiling(BarWidth * pages.Leased / (double)total);
        var cached = Math.Min(BarWidth - leased, (int)Math.Ceiling(BarWidth * pages.Cached / (double)total));
        var drawn = bar ? $"[blue]{new string('█', leased)}[/][grey]{new string('▒', cached)}{new string('░', BarWidth - leased - cached)}[/] " : "";
        return new(string.Create(CultureInfo.InvariantCulture, $"{drawn}{100.0 * pages.Leased / total:F0} %"));
    }
}
