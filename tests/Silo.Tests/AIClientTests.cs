using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Splitwiser.Client;
using Splitwiser.Client.CommandLine.Servers;
using Splitwiser.Client.Http;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Tests;

/// <summary>IChatClient and IEmbeddingGenerator of Microsoft.Extensions.AI, over HTTP and over Orleans.</summary>
public sealed class AIClientTests(HermesSilo scripted) : IAsyncLifetime
{
    private readonly TemporaryFolder folder = ScriptedModel.Write(HermesSilo.Template, HermesSilo.Scripts);
    private IHost silo = null!;
    private ServiceProvider overHttp = null!;

    public async ValueTask InitializeAsync()
    {
        overHttp = new ServiceCollection().AddSplitwiserClient(scripted.Api.Address).BuildServiceProvider();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(orleans => orleans
            .UseLocalhostClustering(siloPort: 21779, gatewayPort: 31779)
            .AddSplitwiser(new() { Model = folder.Path, Device = DeviceKind.Cpu, NumGpuBlocksOverride = 128, Threads = 1, MaxNumSeqs = 4 }));
        builder.Services.AddSplitwiserClient();
        silo = builder.Build();
        await silo.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await silo.StopAsync(CancellationToken.None);
        silo.Dispose();
        await overHttp.DisposeAsync();
        folder.Dispose();
    }

    private IServiceProvider Services(bool orleans) => orleans ? silo.Services : overHttp;

    private IChatClient Chat(bool orleans) => Services(orleans).GetRequiredService<IChatClient>();

    [Theory, InlineData(false), InlineData(true)]
    public async Task Settings_that_only_the_api_has_are_sent_by_its_names(bool orleans)
    {
        foreach (var name in new[] { "min_p", "repetition_penalty" })
        {
            var refused = await Should.ThrowAsync<Exception>(() => Chat(orleans).GetResponseAsync("@plain@", new() { AdditionalProperties = new() { [name] = -9f } }, TestContext.Current.CancellationToken));
            refused.Message.ShouldContain(name);
        }
    }

    [Fact]
    public async Task The_commands_see_a_cluster_as_they_see_a_server()
    {
        var cluster = new ClusterServer(silo, silo.Services.GetRequiredService<IGrainFactory>(), "this process"); // its end would be the silo's
        var model = (await cluster.Models(TestContext.Current.CancellationToken)).ShouldHaveSingleItem();
        model.MaxModelLen.ShouldBe(4096);
        var device = (await cluster.Devices(TestContext.Current.CancellationToken)).ShouldHaveSingleItem();
        (device.Model, device.Mode, device.Open, device.Pages.Total).ShouldBe((model.Id, "adaptive", true, 128));
        (await cluster.Chat(model.Id).GetResponseAsync("@plain@", new() { Temperature = 0 }, TestContext.Current.CancellationToken)).Text.ShouldBe("It is sunny.");
        var request = new GenerateRequest { Text = "@plain@", Stop = new() { MaxTokens = 2, IgnoreEos = true } };
        AnswerEnd? end = null;
        await foreach (var piece in cluster.Generate(request, TestContext.Current.CancellationToken))
            end = piece.End ?? end;
        end.ShouldNotBeNull().Usage.Completion.ShouldBe(2);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_chat_is_answered_with_its_thoughts_and_usage(bool orleans)
    {
        var answer = await Chat(orleans).GetResponseAsync("@think@", new() { Temperature = 0 }, TestContext.Current.CancellationToken);
        answer.Text.ShouldBe("Take no umbrella.");
        answer.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>().ShouldHaveSingleItem().Text.ShouldBe("Sunny means no rain.");
        answer.FinishReason.ShouldBe(ChatFinishReason.Stop);
        answer.Usage!.OutputTokenCount!.Value.ShouldBeGreaterThan(3);
        answer.Usage.InputTokenCount!.Value.ShouldBeGreaterThan(1);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Functions_are_called_and_their_results_go_back(bool orleans)
    {
        var function = AIFunctionFactory.Create((string city) => $"rain in {city}", "get_weather", "The weather.");
        var options = new ChatOptions { Tools = [function] };
        var messages = new List<ChatMessage> { new(ChatRole.User, "@weather@") };
        var answer = await Chat(orleans).GetResponseAsync(messages, options, TestContext.Current.CancellationToken);
        answer.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        var call = answer.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().ShouldHaveSingleItem();
        call.Name.ShouldBe("get_weather");
        call.Arguments!["city"]!.ToString().ShouldBe("Paris");

        messages.AddRange(answer.Messages);
        messages.Add(new(ChatRole.Tool, [new FunctionResultContent(call.CallId, "@plain@")]));
        (await Chat(orleans).GetResponseAsync(messages, options, TestContext.Current.CancellationToken)).Text.ShouldBe("It is sunny.");
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_required_call_and_a_schema_are_kept_to(bool orleans)
    {
        var function = AIFunctionFactory.Create((bool utc) => "12", "get_time");
        var forced = await Chat(orleans).GetResponseAsync("@plain@", new() { Tools = [function], ToolMode = ChatToolMode.RequireSpecific("get_time"), MaxOutputTokens = 300 }, TestContext.Current.CancellationToken);
        forced.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().ShouldHaveSingleItem().Name.ShouldBe("get_time");
        var schema = System.Text.Json.JsonElement.Parse("""{"type": "object", "properties": {"sunny": {"type": "boolean"}}, "required": ["sunny"], "additionalProperties": false}""");
        var answer = await Chat(orleans).GetResponseAsync("@plain@", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema), MaxOutputTokens = 300 }, TestContext.Current.CancellationToken);
        System.Text.Json.JsonElement.Parse(answer.Text).TryGetProperty("sunny", out _).ShouldBeTrue();
    }

    [Fact]
    public async Task Embeddings_are_the_same_both_ways()
    {
        var vectors = new List<float[]>();
        foreach (var orleans in new[] { false, true })
        {
            var embeddings = await Services(orleans).GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>()
                .GenerateAsync(["@plain@", "@weather@"], cancellationToken: TestContext.Current.CancellationToken);
            embeddings.Count.ShouldBe(2);
            embeddings.Usage!.InputTokenCount.ShouldBe(2);
            vectors.Add(embeddings[1].Vector.ToArray());
        }

        vectors[0].ShouldBe(vectors[1]);
    }

    [Fact]
    public async Task Refusals_are_the_transports_own()
    {
        var options = new ChatOptions { Temperature = 9 };
        (await Should.ThrowAsync<ServerRefusedException>(() => Chat(false).GetResponseAsync("x", options, TestContext.Current.CancellationToken))).Status.ShouldBe(400);
        (await Should.ThrowAsync<RequestRefusedException>(() => Chat(true).GetResponseAsync("x", options, TestContext.Current.CancellationToken))).Parameter.ShouldBe("temperature");
    }
}
