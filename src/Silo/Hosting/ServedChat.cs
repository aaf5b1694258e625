using Splitwiser.Models;
using Splitwiser.Models.Chat;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Hosting;

/// <summary>How this host makes prompts of chats.</summary>
/// <param name="Template">Null when the model has none that can be used: then chats are refused.</param>
/// <param name="Problem">What is wrong with the model's own template; the model serves prompts all the same.</param>
internal sealed record ServedChat(ChatTemplate? Template, string? Problem = null)
{
    /// <param name="file">A template to use instead of the model's own; null for that one.</param>
    /// <exception cref="BadConfigurationException">The given template can't be used.</exception>
    public static ServedChat Open(ModelFolder folder, string? file)
    {
        try
        {
            return new(file is null ? ChatTemplate.Load(folder.Path) : ChatTemplate.LoadFile(file, folder.Path));
        }
        catch (ChatTemplateException e) when (file is not null)
        {
            throw new BadConfigurationException($"--chat-template: {e.Message}", e);
        }
        catch (ChatTemplateException e)
        {
            return new(null, e.Message);
        }
    }
}
