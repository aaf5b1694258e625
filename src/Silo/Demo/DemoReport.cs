using System.Globalization;
using Spectre.Console;
using Splitwiser.Gpu.Kv;
using Splitwiser.Grains;

namespace Splitwiser.Silo.Demo;

/// <summary>The tables after the answers: what each prompt took, and where the pages went.</summary>
internal sealed class DemoReport(IAnsiConsole console)
{
    public void Write(IReadOnlyList<DemoAnswer> answers)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in new[] { "#", "first token", "tokens", "tokens/s", "gap p50", "prompt", "cached" })
            table.AddColumn(new TableColumn(heading).NoWrap().RightAligned());
        foreach (var answer in answers)
        {
            table.AddRow(
                answer.Number.ToString(CultureInfo.InvariantCulture),
                Milliseconds(answer.Clock.FirstToken),
                (answer.End?.Usage.Completion ?? answer.Clock.Tokens).ToString(CultureInfo.InvariantCulture),
                answer.Clock.TokensPerSecond?.ToString("F1", CultureInfo.InvariantCulture) ?? "-",
                Milliseconds(answer.Clock.MedianGap),
                answer.End?.Usage.Prompt.ToString(CultureInfo.InvariantCulture) ?? "-",
                answer.End?.Usage.Cached.ToString(CultureInfo.InvariantCulture) ?? "-");
        }

        console.Write(table);
    }

    public void Write(PoolAccounts before, PoolAccounts during, PoolAccounts after)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in new[] { "pages", "free", "leased", "cached", "total" })
            table.AddColumn(new TableColumn(heading).NoWrap().RightAligned());
        foreach (var (when, pages) in new[] { ("before", before), ("at most leased", during), ("after", after) })
            table.AddRow([when, .. new[] { pages.Free, pages.Leased, pages.Cached, pages.Total }.Select(count => count.ToString(CultureInfo.InvariantCulture))]);
        console.Write(table);
        console.WriteLine($"{PageId.Size} tokens a page; leaked: {after.Leased}");
    }

    public void Write(LocalDevices devices)
    {
        foreach (var (index, device) in devices.All.Index())
        {
            var done = device.Statistics;
            console.WriteLine($"{devices.KeyOf(index)}: {device.Runner.Info.DeviceName}, mode {device.Options.Mode.ToString().ToLowerInvariant()}");
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"handoffs from prefill to decode: {done.Handoffs}, bytes copied: {done.HandoffPagesCopied * device.Runner.Info.PageBytes}"));
        }
    }

    private static string Milliseconds(TimeSpan? span) => span?.TotalMilliseconds.ToString("F1", CultureInfo.InvariantCulture) + " ms";
}
