using System.Text.Json;

namespace Splitwiser.Cluster.Tests;

/// <summary>Answers of a format, over the wire and over silos.</summary>
public sealed class FormatTests(DemoCluster demo) : IClassFixture<DemoCluster>
{
    private static readonly GenerateRequest person = new()
    {
        Text = "And the king said",
        Sampling = new() { Temperature = 1.5f, Seed = 11 },
        Stop = new() { MaxTokens = 300 },
        Constraint = OutputConstraint.Sequence(
            OutputConstraint.Text("<call>"),
            OutputConstraint.JsonSchema("""{"type":"object","properties":{"name":{"type":"string","maxLength":8},"age":{"type":"integer","minimum":0,"maximum":99}},"required":["name","age"]}"""),
            OutputConstraint.Text("</call>")),
    };

    [Fact]
    public async Task A_client_outside_gets_the_format_and_a_stream_resumed_anywhere_goes_on_the_same()
    {
        var whole = await DemoCluster.Hear(demo.Client, person);
        whole.End!.Reason.ShouldBe(FinishReason.Stop);
        whole.Text.ShouldStartWith("<call>{");
        JsonDocument.Parse(whole.Text["<call>".Length..^"</call>".Length]).RootElement.GetProperty("age").GetInt32().ShouldBeInRange(0, 99);
        for (var delivered = 1; delivered < whole.Ids.Length; delivered += 4)
        {
            var rest = await DemoCluster.Hear(demo.Inside(demo.Cluster.Silos[delivered % 2]), person with { Delivered = whole.Ids[..delivered] });
            rest.Ids.ShouldBe(whole.Ids[delivered..]);
            rest.End!.Reason.ShouldBe(FinishReason.Stop);
        }
        (await DemoCluster.Hear(demo.Client, person with { Delivered = whole.Ids })).End!.Reason.ShouldBe(FinishReason.Stop);
        await demo.EveryPageIsBack();
    }

    [Fact]
    public async Task What_cannot_be_honoured_is_refused_and_leases_nothing()
    {
        OutputConstraint[] bad =
        [
            OutputConstraint.JsonSchema("""{"not":{}}"""),
            OutputConstraint.Pattern("(?=a)"),
            OutputConstraint.Token("<no such token>"),
            OutputConstraint.Repeat(OutputConstraint.Text(""), 0, null),
            Enumerable.Repeat(0, 40).Aggregate(OutputConstraint.Text("x"), (inner, _) => OutputConstraint.Sequence(inner)),
        ];
        foreach (var constraint in bad)
        {
            var refusal = await Should.ThrowAsync<RequestRefusedException>(() => DemoCluster.Hear(demo.Client, person with { Constraint = constraint }));
            refusal.Reason.ShouldBe(RefusalReason.InvalidRequest);
            refusal.Parameter.ShouldBe("response_format");
        }
        (await Should.ThrowAsync<RequestRefusedException>(() => DemoCluster.Hear(demo.Client, person with { Delivered = [1, 2, 3] }))).Message.ShouldContain("does not keep to");
        await demo.EveryPageIsBack();
    }
}
