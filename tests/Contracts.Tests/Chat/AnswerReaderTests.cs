using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Splitwiser.Chat;
using Splitwiser.Tests;
using Property = Splitwiser.Tests.Property;

namespace Splitwiser.Contracts.Tests.Chat;

public sealed class AnswerReaderTests
{
    private static readonly AnswerFormat Hermes = new() { ToolCalls = ToolCallFormat.Hermes, Tools = ["f", "g"] };
    private static readonly AnswerFormat Llama = new() { ToolCalls = ToolCallFormat.Llama3, Tools = ["f", "g"] };
    private static readonly AnswerFormat Mistral = new() { ToolCalls = ToolCallFormat.Mistral, Tools = ["f", "g"] };
    private static readonly AnswerFormat Thinking = new() { Thinks = true };

    /// <summary>A format's text, and what it holds: speech, thoughts in braces, calls as name(arguments).</summary>
    public static TheoryData<AnswerFormat, string, string> Answers => new()
    {
        { AnswerFormat.Plain, " <think>x</think> {\"name\": 1}\n", " <think>x</think> {\"name\": 1}\n" },
        { Hermes, "Nothing to call.\n", "Nothing to call.\n" },
        { Hermes, "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": [1, {\"y\": \"}\\\"\"}]}}\n</tool_call>", "|f({\"x\": [1, {\"y\": \"}\\\"\"}]})" },
        { Hermes, "Let me see.\n\n<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>\n<tool_call>{\"name\": \"g\"}</tool_call>\n", "Let me see.|f({})|g({})" },
        { Hermes, "<tool_call>{\"arguments\": {\"a\": 1}, \"name\": \"f\"}</tool_call> Done.", "|f({\"a\": 1})Done." },
        { Hermes, "<tool_call>{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>", "|f({\"a\": 1})" },
        { Hermes, "<tool_call>{\"name\": \"f\", \"arguments\": null, \"id\": 7}</tool_call>", "|f({})" },
        { Hermes, "<tool_call>{\"name\": \"f\", \"arguments\": {\"s\": \"</tool_call>\"}}</tool_call>", "|f({\"s\": \"</tool_call>\"})" },
        { Hermes, "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1", "|f({\"a\": 1)" },
        { Hermes, "<tool_call>{\"name\": \"f\", \"arguments\": {}, oops</tool_call>more", "|f({})more" },
        { Hermes, "see <tool_call>nothing", "see <tool_call>nothing" },
        { Hermes, "<tool_call>{\"na", "<tool_call>{\"na" },
        { Hermes, "<tool_call>{\"arguments\": {}}</tool_call>", "<tool_call>{\"arguments\": {}}</tool_call>" },
        { Hermes, "a <tool_ <tool_cal", "a <tool_ <tool_cal" },
        { Hermes, "<<tool_call>{\"name\": \"f\"}</tool_call>", "<|f({})" },
        { Llama, "{\"name\": \"f\", \"parameters\": {\"x\": \"1\"}}", "|f({\"x\": \"1\"})" },
        { Llama, " <|python_tag|>{\"name\": \"f\", \"parameters\": {}}; {\"name\": \"g\", \"parameters\": {\"a\": true}}", "|f({})|g({\"a\": true})" },
        { Llama, "{\"name\": \"Bob\", \"parameters\": {}}", "{\"name\": \"Bob\", \"parameters\": {}}" },
        { Llama, "{\"answer\": 42}", "{\"answer\": 42}" },
        { Llama, "<|python_tag|>print(1)", "<|python_tag|>print(1)" },
        { Llama, "Sure: {\"name\": \"f\", \"parameters\": {}}", "Sure: {\"name\": \"f\", \"parameters\": {}}" },
        { Llama, "{\"type\": \"function\", \"name\": \"f\", \"parameters\": {\"a\": 1}}", "|f({\"a\": 1})" },
        { Mistral, "[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {\"x\": 1}}, {\"name\": \"g\", \"arguments\": {}}]", "|f({\"x\": 1})|g({})" },
        { Mistral, "Well. [TOOL_CALLS] [{\"name\": \"f\"}] That is it.", "Well.|f({})That is it." },
        { Mistral, "[TOOL_CALLS]f[ARGS]{\"x\": 1}[TOOL_CALLS]g{}", "|f({\"x\": 1})|g({})" },
        { Mistral, "[TOOL_CALLS]f[CALL_ID]abcdefghi[ARGS]{\"x\": \"}\"}", "|f({\"x\": \"}\"})" },
        { Mistral, "[TOOL_CALLS]say hello {x}", "[TOOL_CALLS]say hello {x}" },
        { Mistral, "[TOOL_CALLS][1, 2]", "[TOOL_CALLS][1, 2]" },
        { Thinking, "<think>\nI see: 2 < 3 </thin\n</think>\n\nYes.", "(I see: 2 < 3 </thin)Yes." },
        { Thinking, "Yes. <think>no</think>", "Yes. <think>no</think>" },
        { Thinking, "\n<thin", "\n<thin" },
        { Thinking, "<think>on and on ", "(on and on)" },
        { Thinking, "<think></think>\n\n", "" },
        { new() { BeginsThinking = true }, "It is 4.\n</think>\n4", "(It is 4.)4" },
        { Hermes with { BeginsThinking = true }, "call <tool_call>?</think>\n\n<tool_call>{\"name\": \"g\"}</tool_call>", "(call <tool_call>?)|g({})" },
    };

    [Theory, MemberData(nameof(Answers))]
    public void An_answer_is_read_as_its_family_means_it(AnswerFormat format, string text, string expected) =>
        Written(Read(format, [text])).ShouldBe(expected);

    [Theory, MemberData(nameof(Answers))]
    public void An_answer_in_single_characters_is_read_alike(AnswerFormat format, string text, string expected) =>
        Written(Read(format, text.Select(character => character.ToString()))).ShouldBe(expected);

    [Fact]
    public void However_a_text_is_cut_its_parts_join_to_the_same()
    {
        string[] pieces =
        [
            "<tool_call>", "</tool_call>", "<think>", "</think>", "[TOOL_CALLS]", "[ARGS]", "<|python_tag|>", "{\"name\": \"f\", ", "\"arguments\": ", "\"parameters\": ",
            "{\"x\": 1}", "}", "{", "[", "]", "\"", "\\", ",", ";", " ", "\n", "f", "g", "null", "é", "<", "{\"name\": \"g\", \"arguments\": {\"a\": \"b\"}}",
        ];
        var cases = from format in Gen.Elements(Hermes, Llama, Mistral, Thinking, Hermes with { BeginsThinking = true })
                    from text in Gen.Elements(pieces).ArrayOf().Resize(14)
                    from cuts in Gen.Choose(0, 40).ArrayOf().Resize(10)
                    select (Format: format, Text: string.Concat(text), Cuts: cuts);
        Property.Holds(cases.ToArbitrary(), item =>
        {
            var whole = Read(item.Format, [item.Text]);
            Written(Read(item.Format, Cut(item.Text, item.Cuts))).ShouldBe(Written(whole));
            Calls(whole).Count(part => part.Kind == AnswerPartKind.CallName).ShouldBe(Calls(whole).Select(part => part.Call).Distinct().Count());
        });
    }

    [Fact]
    public void Any_text_without_a_marker_is_said_as_it_stands() => Property.Holds<NonNull<string>>(given =>
    {
        var text = given.Get.Replace("<", "", StringComparison.Ordinal).Replace("[", "", StringComparison.Ordinal).Replace("{", "", StringComparison.Ordinal);
        foreach (var format in new[] { Hermes, Llama, Mistral, Thinking })
            Written(Read(format, [text])).ShouldBe(text);
    }, cases: 2000);

    [Fact]
    public void Arguments_go_out_while_they_come()
    {
        var reader = new AnswerReader(Hermes);
        reader.Read("<tool_call>{\"name\": \"f\", \"arg").ShouldBe([new(AnswerPartKind.CallName, "f")]);
        reader.Read("uments\": {\"x\": \"lo").ShouldBe([new(AnswerPartKind.CallArguments, "{\"x\": \"lo")]);
        reader.Read("ng\"}}</tool_call>").ShouldBe([new(AnswerPartKind.CallArguments, "ng\"}")]);
        reader.End().ShouldBeEmpty();
        reader.CallCount.ShouldBe(1);
    }

    private static List<AnswerPart> Read(AnswerFormat format, IEnumerable<string> pieces)
    {
        var reader = new AnswerReader(format);
        return [.. pieces.SelectMany(piece => reader.Read(piece)), .. reader.End()];
    }

    private static IEnumerable<AnswerPart> Calls(IEnumerable<AnswerPart> parts) => parts.Where(part => part.Kind is AnswerPartKind.CallName or AnswerPartKind.CallArguments);

    private static IEnumerable<string> Cut(string text, int[] lengths)
    {
        foreach (var length in lengths)
        {
            yield return text[..Math.Min(length, text.Length)];
            text = text[Math.Min(length, text.Length)..];
        }

        yield return text;
    }

    private static string Written(IEnumerable<AnswerPart> parts)
    {
        var text = new StringBuilder();
        AnswerPartKind? open = null;
        foreach (var part in parts)
        {
            if (open is AnswerPartKind.CallName or AnswerPartKind.CallArguments && part.Kind != AnswerPartKind.CallArguments || open == AnswerPartKind.Thought && part.Kind != AnswerPartKind.Thought)
                text.Append(')');
            if (part.Kind == AnswerPartKind.Thought && open != AnswerPartKind.Thought)
                text.Append('(');
            text.Append(part.Kind == AnswerPartKind.CallName ? $"|{part.Text}(" : part.Text);
            open = part.Kind;
        }

        return text.Append(open is null or AnswerPartKind.Said ? "" : ")").ToString();
    }
}
