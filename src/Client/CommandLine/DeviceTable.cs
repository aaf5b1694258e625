using System.Globalization;
using Spectre.Console;
using Splitwiser.Client.Http;

namespace Splitwiser.Client.CommandLine;

/// <summary>Devices as a table: a row each.</summary>
internal static class DeviceTable
{
    /// <summary>Seconds without a report after which a device is in doubt; silos report four times a second.</summary>
    private const double Late = 1;

    private const int BarWidth = 10;

    public static Table Of(IReadOnlyList<DeviceCard> devices)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in new[] { "device", "hardware", "model", "mode", "state" })
            table.AddColumn(new TableColumn(heading));
        foreach (var heading in new[] { "SMs", "running", "waiting", "queued\ntokens", "pages\nleased", "\ncached", "\nfree", "in use" })
            table.AddColumn(new TableColumn(heading).NoWrap().RightAligned());
        foreach (var device in devices)
        {
            table.AddRow(
                new Text(device.Device),
                new Text(device.Hardware),
                new Text(device.Model),
                new Text(device.Mode),
                State(device),
                device.Multiprocessors == 0 ? new Text("-") : Number(device.Multiprocessors),
                Number(device.Running),
                Number(device.Waiting),
                Number(device.QueuedTokens),
                Number(device.Pages.Leased),
                Number(device.Pages.Cached),
                Number(device.Pages.Free),
                Use(device.Pages));
        }

        return table;
    }

    private static Text State(DeviceCard device) =>
        !device.Open ? new("closed", new Style(Color.Red))
        : device.AgeSeconds > Late ? new(string.Create(CultureInfo.InvariantCulture, $"silent {device.AgeSeconds:F0} s"), new Style(Color.Yellow))
        : new("open", new Style(Color.Green));

    private static Text Number(int value) => new(value.ToString("N0", CultureInfo.InvariantCulture));

    /// <summary>Leased and cached pages of all.</summary>
    private static Markup Use(PageCard pages)
    {
        var total = Math.Max(1, pages.Total);
        var leased = (int)Math.Ceiling(BarWidth * pages.Leased / (double)total);
        var cached = Math.Min(BarWidth - leased, (int)Math.Ceiling(BarWidth * pages.Cached / (double)total));
        return new(string.Create(CultureInfo.InvariantCulture,
            $"[blue]{new string('█', leased)}[/][grey]{new string('▒', cached)}{new string('░', BarWidth - leased - cached)}[/] {100.0 * pages.Leased / total,3:F0} %"));
    }
}
