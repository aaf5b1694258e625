namespace Splitwiser.Models.Tests.Tokenization;

public sealed class SpecialTokenFrameTests
{
    private const string Template = """
        {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"S","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"E","type_id":0}}],
        "pair":[],"special_tokens":{"S":{"id":"S","ids":[7],"tokens":["S"]},"E":{"id":"E","ids":[8,9],"tokens":["E","F"]}}}
        """;

    [Theory]
    [InlineData("null", "0")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false}""", "0")]
    [InlineData(Template, "7 0 8 9")]
    [InlineData("""{"type":"BertProcessing","sep":["E",8],"cls":["S",7]}""", "7 0 8")]
    [InlineData("""{"type":"RobertaProcessing","sep":["E",8],"cls":["S",7],"trim_offsets":true,"add_prefix_space":true}""", "7 0 8")]
    [InlineData("""{"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"BertProcessing","sep":["E",5],"cls":["S",4]},{"type":"BertProcessing","sep":["E",8],"cls":["S",7]}]}""", "7 4 0 5 8")]
    public void Special_tokens_go_around_the_text_on_demand(string postProcessor, string ids)
    {
        var tokenizer = new SmallTokenizer { PostProcessor = postProcessor, Vocabulary = SmallTokenizer.Numbered("a") }.Load();
        tokenizer.Encode("a").ShouldBe(ids.Split(' ').Select(int.Parse));
        tokenizer.Encode("a", addSpecialTokens: false).ShouldBe([0]);
    }
}
