namespace Splitwiser.Silo.Options;

/// <summary>
/// Makes a property of <see cref="SplitwiserOptions"/> a setting: <c>--max-num-seqs</c> on the command line,
/// <c>SPLITWISER_MAX_NUM_SEQS</c> in the environment, <c>Splitwiser:MaxNumSeqs</c> in appsettings.json.
/// </summary>
/// <param name="name">Name on the command line, without the dashes; vLLM's where it has one.</param>
/// <param name="description">One line for --help.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute(string name, string description) : Attribute
{
    public string Name { get; } = name;

    public string Description { get; } = description;

    /// <summary>What --help shows for the value.</summary>
    public string Value { get; init; } = "";

    /// <summary>Least value of a number.</summary>
    public double Min { get; init; } = double.NegativeInfinity;

    /// <summary>Greatest value of a number.</summary>
    public double Max { get; init; } = double.PositiveInfinity;
}
