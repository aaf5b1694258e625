namespace Splitwiser.Models.Chat;

/// <summary>The text of a template, its name among the model's templates, and where it was found.</summary>
internal sealed record TemplateSource(string Name, string Source, string Text)
{
    public const string Default = "default";
}
