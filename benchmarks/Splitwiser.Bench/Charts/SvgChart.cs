using System.Globalization;
using System.Xml.Linq;

namespace Splitwiser.Bench.Charts;

/// <summary>
/// A chart of lines and points as SVG: plain shapes and texts with a style sheet of their own that follows the reader's light or dark setting.
/// Series differ in colour and in the shape of their marks.
/// </summary>
internal sealed record SvgChart(string Title, string XLabel, string YLabel, IReadOnlyList<Series> Series, IReadOnlyList<Limit> Limits)
{
    private const int Width = 860, Height = 520, Left = 84, Right = 210, Top = 52, Bottom = 62;
    private const int Colours = 7;
    private const string Style = """
        text { font: 13px system-ui, sans-serif; fill: var(--ink); }
        .title { font-size: 16px; font-weight: 600; }
        .end { text-anchor: end; }
        .middle { text-anchor: middle; }
        .grid { stroke: var(--grid); stroke-width: 1; }
        .limit { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 5 4; opacity: 0.6; }
        .paper { fill: var(--paper); }
        .line { fill: none; stroke-width: 2; }
        svg { --paper: #ffffff; --ink: #1f2328; --grid: #d8dee4; --c0: #0969da; --c1: #bc4c00; --c2: #1a7f37; --c3: #8250df; --c4: #bf3989; --c5: #7d5c00; --c6: #57606a; }
        @media (prefers-color-scheme: dark) {
          svg { --paper: #0d1117; --ink: #e6edf3; --grid: #30363d; --c0: #58a6ff; --c1: #f0883e; --c2: #3fb950; --c3: #bc8cff; --c4: #ff7bca; --c5: #d9b44a; --c6: #9ea7b3; }
        }
        """;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly Axis x = Axis.For(XLabel, Series.SelectMany(series => series.Points.Select(point => point.X)).Concat(Limits.Where(limit => limit.IsVertical).Select(limit => limit.Value)));
    private readonly Axis y = Axis.For(YLabel, Series.SelectMany(series => series.Points.Select(point => point.Y)).Concat(Limits.Where(limit => !limit.IsVertical).Select(limit => limit.Value)));

    public void Write(string path) => File.WriteAllText(path, Draw().ToString());

    public XDocument Draw() => new(new XElement(Svg + "svg",
        new XAttribute("viewBox", $"0 0 {Width} {Height}"), new XAttribute("width", Width), new XAttribute("height", Height), new XAttribute("role", "img"),
        new XElement(Svg + "title", Title), new XElement(Svg + "style", Style),
        new XElement(Svg + "rect", new XAttribute("class", "paper"), new XAttribute("width", Width), new XAttribute("height", Height)),
        Text(Left, 28, "title", Title), Axes(), Limits.Select(Draw), Series.Select(Draw), Series.Select(Legend)));

    private IEnumerable<XElement> Axes()
    {
        foreach (var value in y.Values)
        {
            yield return Line("grid", Left, Y(value), Width - Right, Y(value));
            yield return Text(Left - 8, Y(value) + 4, "end", Label(value));
        }

        foreach (var value in x.Values)
        {
            yield return Line("grid", X(value), Top, X(value), Height - Bottom);
            yield return Text(X(value), Height - Bottom + 20, "middle", Label(value));
        }

        yield return Text((Left + Width - Right) / 2.0, Height - 16, "middle", x.Label);
        var side = Text(0, 0, "middle", y.Label);
        side.SetAttributeValue("transform", $"translate(18 {Number((Top + Height - Bottom) / 2.0)}) rotate(-90)");
        yield return side;
    }

    private IEnumerable<XElement> Draw(Limit limit) => limit.IsVertical
        ? [Line("limit", X(limit.Value), Top, X(limit.Value), Height - Bottom), Text(X(limit.Value) + 5, Top + 14, "", limit.Name)]
        : [Line("limit", Left, Y(limit.Value), Width - Right, Y(limit.Value)), Text(Width - Right - 5, Y(limit.Value) - 6, "end", limit.Name)];

    private IEnumerable<XElement> Draw(Series series, int index)
    {
        var points = series.Points.Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y)).ToArray();
        if (series.Joined && points.Length > 1)
        {
            yield return new XElement(Svg + "polyline", new XAttribute("class", "line"), new XAttribute("stroke", Colour(index)),
                new XAttribute("points", string.Join(' ', points.Select(point => $"{Number(X(point.X))},{Number(Y(point.Y))}"))));
        }

        foreach (var point in points) yield return Mark(index, X(point.X), Y(point.Y));
    }

    private IEnumerable<XElement> Legend(Series series, int index)
    {
        var at = Top + 14 + 24 * index;
        yield return Mark(index, Width - Right + 24, at - 4);
        yield return Text(Width - Right + 38, at, "", series.Name);
    }

    private static XElement Mark(int index, double x, double y) => new(Svg + "path", new XAttribute("fill", Colour(index)), new XAttribute("d", (index % 4) switch
    {
        0 => $"M{Number(x - 5)} {Number(y)}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
        1 => $"M{Number(x - 5)} {Number(y - 5)}h10v10h-10z",
        2 => $"M{Number(x)} {Number(y - 6)}l6 11h-12z",
        _ => $"M{Number(x)} {Number(y - 6)}l6 6l-6 6l-6 -6z",
    }));

    private static XElement Text(double x, double y, string style, string text)
    {
        var element = new XElement(Svg + "text", new XAttribute("x", Number(x)), new XAttribute("y", Number(y)), text);
        if (style.Length > 0) element.SetAttributeValue("class", style);
        return element;
    }

    private static XElement Line(string style, double fromX, double fromY, double toX, double toY) => new(Svg + "line", new XAttribute("class", style),
        new XAttribute("x1", Number(fromX)), new XAttribute("y1", Number(fromY)), new XAttribute("x2", Number(toX)), new XAttribute("y2", Number(toY)));

    private static string Colour(int index) => $"var(--c{index % Colours})";

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Label(double value) => value >= 10_000 ? $"{Number(value / 1000)}k" : value.ToString("0.####", CultureInfo.InvariantCulture);

    private double X(double value) => Left + value / x.Most * (Width - Left - Right);

    private double Y(double value) => Height - Bottom - value / y.Most * (Height - Top - Bottom);
}
