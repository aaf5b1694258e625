using Splitwiser.Chat;
using Splitwiser.Models;
using Splitwiser.Models.Chat;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Hosting;

/// <summary>How this host makes prompts of chats.</summary>
/// <param name="Template">Null when the model has none that can be used: then chats are refused.</param>
/// <param name="Format">How the model writes its answers.</param>
/// <param name="Problem">What is wrong with the model's own template; the model serves prompts all the same.</param>
internal sealed record ServedChat(ChatTemplate? Template, AnswerFormat Format, string? Problem = null)
{
    /// <exception cref="BadConfigurationException">The given template can't be used.</exception>
    public static ServedChat Open(ModelFolder folder, SplitwiserOptions options)
    {
        var file = options.ChatTemplate;
        try
        {
            var template = file is null ? ChatTemplate.Load(folder.Path) : ChatTemplate.LoadFile(file, folder.Path);
            return new(template, AnswerFormats.Of(template, options));
        }
        catch (ChatTemplateException e) when (file is not null)
        {
            throw new BadConfigurationException($"--chat-template: {e.Message}", e);
        }
        catch (ChatTemplateException e)
        {
            return new(null, AnswerFormat.Plain, e.Message);
        }
    }
}
