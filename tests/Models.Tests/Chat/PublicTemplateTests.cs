using System.Text.Json;
using Splitwiser.Models.Chat;
using Splitwiser.Models.Tests.Tokenization;

namespace Splitwiser.Models.Tests.Chat;

public sealed class PublicTemplateTests
{
    public static TheoryData<string> Families => PublicFamily.Names;

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_golden_conversation_renders_byte_for_byte(string family)
    {
        PublicFamily.SkipUnlessFetched(family);
        var template = ChatTemplate.Load(PublicFamily.Folder(family));
        var variables = new Dictionary<string, JsonElement> { ["date_string"] = JsonElement.Parse("\"26 Jul 2024\"") };
        foreach (var chat in PublicFamily.Golden(family).GetProperty("chats").EnumerateArray())
        {
            JsonElement? tools = chat.TryGetProperty("tools", out var given) ? given : null;
            var tail = !chat.TryGetProperty("tail", out var wanted) || wanted.GetBoolean();
            template.ShouldNotBeNull().Render(chat.GetProperty("messages"), tools, tail, variables).ShouldBe(chat.GetProperty("render").GetString());
        }
    }

    [Fact]
    public void A_model_without_a_template_has_none()
    {
        PublicFamily.SkipUnlessFetched("llama2");
        ChatTemplate.Load(PublicFamily.Folder("llama2")).ShouldBeNull();
    }
}
