using System.Globalization;
using System.Reflection;

namespace Splitwiser.Silo.Options;

/// <summary>One setting: a property of <see cref="SplitwiserOptions"/>, its names and its range.</summary>
internal sealed class Setting
{
    private readonly PropertyInfo property;
    private readonly SettingAttribute attribute;

    private Setting(PropertyInfo property, SettingAttribute attribute)
    {
        this.property = property;
        this.attribute = attribute;
    }

    public static IReadOnlyList<Setting> All { get; } =
        [.. from property in typeof(SplitwiserOptions).GetProperties()
            let attribute = property.GetCustomAttribute<SettingAttribute>()
            where attribute is not null
            select new Setting(property, attribute)];

    /// <summary>Name on the command line, without the dashes.</summary>
    public string Name => attribute.Name;

    /// <summary>Name in configuration, below the section.</summary>
    public string Key => property.Name;

    public string Description => attribute.Description;

    public string Value => attribute.Value;

    public bool IsSwitch => property.PropertyType == typeof(bool);

    /// <summary>A switch that is on unless turned off: it also has a --no- form.</summary>
    public bool IsOnByDefault => IsSwitch && Default is true;

    public object? Default => property.GetValue(new SplitwiserOptions());

    /// <summary>Sets the property from text; false with what is wrong when the text doesn't fit its type.</summary>
    public bool TryAssign(SplitwiserOptions options, string text, out string problem)
    {
        var (value, expected) = Parse(text);
        problem = value is null ? $"--{Name}: expected {expected}, found '{text}'" : "";
        if (value is not null)
            property.SetValue(options, value);
        return value is not null;
    }

    /// <summary>What is wrong with the property's value; null when it is in range.</summary>
    public string? Check(SplitwiserOptions options)
    {
        if (property.GetValue(options) is not (int or double) || property.GetValue(options) is not IConvertible number)
            return null;
        var value = number.ToDouble(CultureInfo.InvariantCulture);
        if (value >= attribute.Min && value <= attribute.Max)
            return null;
        var range = double.IsPositiveInfinity(attribute.Max) ? $"at least {attribute.Min}" : $"{attribute.Min} to {attribute.Max}";
        return string.Create(CultureInfo.InvariantCulture, $"--{Name}: expected {range}, found {value}");
    }

    private (object? Value, string Expected) Parse(string text)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var invariant = CultureInfo.InvariantCulture;
        if (type == typeof(string))
            return (text, "text");
        if (type == typeof(int))
            return (int.TryParse(text, NumberStyles.AllowLeadingSign, invariant, out var whole) ? whole : null, "a whole number");
        if (type == typeof(double))
            return (double.TryParse(text, NumberStyles.Float, invariant, out var number) && double.IsFinite(number) ? number : null, "a number");
        if (type == typeof(bool))
            return (text switch { "1" => true, "0" => false, _ => bool.TryParse(text, out var flag) ? flag : null }, "true or false");
        var names = Enum.GetNames(type);
        var name = Array.Find(names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase) || Dashed(name).Equals(text, StringComparison.OrdinalIgnoreCase));
        return (name is null ? null : Enum.Parse(type, name), $"one of {string.Join(", ", names.Select(Dashed))}");
    }

    /// <summary>KvAware as kv-aware.</summary>
    private static string Dashed(string name) =>
        string.Concat(name.Select((letter, i) => (i > 0 && char.IsUpper(letter) ? "-" : "") + char.ToLowerInvariant(letter)));
}
