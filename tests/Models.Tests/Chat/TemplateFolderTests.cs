using System.Text;
using System.Text.Json;
using Splitwiser.Models.Chat;
using Splitwiser.Tests;

namespace Splitwiser.Models.Tests.Chat;

public sealed class TemplateFolderTests
{
    private static readonly JsonElement noMessages = JsonElement.Parse("[]");

    [Fact]
    public void Special_tokens_come_from_the_tokenizer_configuration()
    {
        using var folder = Folder(("tokenizer_config.json", """
            {"bos_token":"<s>","eos_token":{"content":"</s>","special":true},"pad_token":null,"additional_special_tokens":["<a>",{"content":"<b>"}],
            "extra_special_tokens":{"image_token":"<img>"},
            "chat_template":"{{ bos_token }}{{ eos_token }}{{ pad_token is defined }}{{ additional_special_tokens }}{{ image_token }}"}
            """));
        ChatTemplate.Load(folder.Path)!.Render(noMessages).ShouldBe("<s></s>False['<a>', '<b>']<img>");
    }

    [Fact]
    public void Of_several_templates_the_one_for_tools_is_taken_where_there_are_tools()
    {
        using var folder = Folder(("tokenizer_config.json", """
            {"chat_template":[{"name":"default","template":"plain"},{"name":"tool_use","template":"tools"}]}
            """));
        var template = ChatTemplate.Load(folder.Path).ShouldNotBeNull();
        template.Render(noMessages).ShouldBe("plain");
        template.Render(noMessages, JsonElement.Parse("[{}]")).ShouldBe("tools");
    }

    [Fact]
    public void Its_own_file_goes_before_the_configuration_and_chat_template_json_comes_last()
    {
        using var folder = Folder(("chat_template.json", """{"chat_template":"third"}"""));
        ChatTemplate.Load(folder.Path)!.Render(noMessages).ShouldBe("third");
        File.WriteAllText(folder["tokenizer_config.json"], """{"chat_template":"second"}""");
        ChatTemplate.Load(folder.Path)!.Render(noMessages).ShouldBe("second");
        File.WriteAllText(folder["chat_template.jinja"], "first");
        ChatTemplate.Load(folder.Path)!.Render(noMessages).ShouldBe("first");
    }

    [Fact]
    public void A_folder_without_a_template_has_none()
    {
        using var folder = Folder(("tokenizer_config.json", """{"bos_token":"<s>"}"""));
        ChatTemplate.Load(folder.Path).ShouldBeNull();
        ChatTemplate.Load(Repository.Fixture("llama")).ShouldBeNull();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"chat_template":5}""")]
    [InlineData("""{"chat_template":[{"name":"default"}]}""")]
    [InlineData("""{"chat_template":[{"name":1,"template":"x"}]}""")]
    [InlineData("""{"chat_template":"{% nonsense %}"}""")]
    [InlineData("""{"chat_template":"\ud800"}""")]
    [InlineData("""{"chat_template":"x","bos_token":"\ud800"}""")]
    public void What_is_wrong_is_said_with_its_file(string configuration)
    {
        using var folder = Folder(("tokenizer_config.json", configuration));
        Should.Throw<ChatTemplateException>(() => ChatTemplate.Load(folder.Path)).TemplateSource.ShouldBe(folder["tokenizer_config.json"]);
    }

    [Fact]
    public void Two_thousand_damaged_templates_render_or_are_refused()
    {
        var original = Encoding.UTF8.GetBytes("""
            {%- set ns = namespace(found=false) %}{% macro part(m, end='\n') %}<{{ m.role | upper }}>{{ m['content'] | trim ~ end }}{% endmacro %}
            {% for m in messages[::-1] if m.role != 'system' %}{%- if loop.first and not ns.found -%}{% set ns.found = true %}{% endif %}
              {{ part(m) if m.content is string else m | tojson(indent=2) }}{% if loop.index0 % 2 == 1 %}{% continue %}{% endif %}{# note #}
            {% else %}{{ raise_exception('nothing ' ~ messages | length) }}{% endfor %}{% set x %}{% raw %}{{ }}{% endraw %}{% endset %}
            {{ x.split('{')[0:2] | map('length') | list }}{{ {'a': 1, 'b': [1, 2.5]}.items() | list }}{{ range(3) | sum + 1 }}
            """);
        var messages = JsonElement.Parse("""[{"role":"user","content":" a "},{"role":"system","content":"s"},{"role":"assistant","content":["x"]}]""");
        var rendered = 0;
        for (var i = 0; i < 2_000; i++)
        {
            var damaged = Encoding.UTF8.GetString(Mutation.OfBytes(original, new Random(i)));
            try
            {
                ChatTemplate.Parse(damaged).Render(messages);
                rendered++;
            }
            catch (Exception e) when (e is ChatTemplateException or ChatRefusedException)
            {
            }
        }

        rendered.ShouldBeInRange(100, 1_900);
    }

    private static TemporaryFolder Folder(params (string Name, string Text)[] files)
    {
        var folder = new TemporaryFolder();
        foreach (var (name, text) in files)
            File.WriteAllText(folder[name], text);
        return folder;
    }
}
