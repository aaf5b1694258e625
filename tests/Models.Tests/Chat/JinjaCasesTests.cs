using System.Text.Json;
using Splitwiser.Models.Chat;
using Splitwiser.Tests;

namespace Splitwiser.Models.Tests.Chat;

/// <summary>Small templates with the texts that Jinja2 itself made of them: jinja-cases.py writes jinja-cases.json.</summary>
public sealed class JinjaCasesTests
{
    private static readonly JsonElement document =
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "Models.Tests", "Chat", "jinja-cases.json"))).RootElement;

    public static TheoryData<string> Templates => [.. document.GetProperty("cases").EnumerateArray().Select(item => item.GetProperty("template").GetString()!)];

    [Theory]
    [MemberData(nameof(Templates))]
    public void A_template_renders_as_in_Jinja(string template)
    {
        var expected = document.GetProperty("cases").EnumerateArray().Single(item => item.GetProperty("template").GetString() == template);
        if (expected.TryGetProperty("refused", out var refusal))
            Should.Throw<ChatRefusedException>(() => Render(template)).Message.ShouldBe(refusal.GetString());
        else if (expected.GetProperty("text").GetString() is { } text)
            Render(template).ShouldBe(text);
        else
            Should.Throw<ChatTemplateException>(() => Render(template)).Line.ShouldBeGreaterThan(0);
    }

    private static string Render(string template)
    {
        var variables = document.GetProperty("variables").EnumerateObject().ToDictionary(variable => variable.Name, variable => variable.Value);
        return ChatTemplate.Parse(template, new FixedClock()).Render(JsonElement.Parse("[]"), addGenerationPrompt: false, variables: variables);
    }
}
