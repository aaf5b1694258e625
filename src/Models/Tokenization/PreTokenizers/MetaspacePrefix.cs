namespace Splitwiser.Models.Tokenization.PreTokenizers;

/// <summary>Which pieces get a blank put in front.</summary>
internal enum MetaspacePrefix
{
    Always,

    /// <summary>Only the one that the whole text begins with.</summary>
    First,

    Never,
}
