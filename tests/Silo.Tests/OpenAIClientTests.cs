using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Models;

namespace Splitwiser.Silo.Tests;

/// <summary>The OpenAI client of NuGet as it comes, with nothing but another address.</summary>
public sealed class OpenAIClientTests(DemoSilo silo, HermesSilo scripted)
{
    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool(
        "get_weather", "The weather.", BinaryData.FromString("""{"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "array"}}}"""));

    private static readonly ChatTool Time = ChatTool.CreateFunctionTool("get_time");

    [Fact]
    public async Task A_chat_is_answered()
    {
        var answer = (await Demo.CompleteChatAsync([new SystemChatMessage("In the"), new UserChatMessage("beginning")], new() { Temperature = 0, MaxOutputTokenCount = 12 }, TestContext.Current.CancellationToken)).Value;
        answer.Role.ShouldBe(ChatMessageRole.Assistant);
        answer.Content[0].Text.ShouldNotBeEmpty();
        answer.FinishReason.ShouldBe(ChatFinishReason.Length);
        answer.Usage.OutputTokenCount.ShouldBe(12);
        answer.Usage.InputTokenCount.ShouldBeGreaterThan(0);
        answer.Model.ShouldBe("demo");
        answer.Id.ShouldStartWith("chatcmpl-");
    }

    [Fact]
    public async Task A_streamed_chat_says_the_same_and_ends_with_its_usage()
    {
        ChatCompletionOptions options() => new() { Temperature = 0, MaxOutputTokenCount = 12 };
        var whole = (await Demo.CompleteChatAsync([new UserChatMessage("And the king")], options(), TestContext.Current.CancellationToken)).Value;
        var (text, finish, usage) = ("", (ChatFinishReason?)null, (ChatTokenUsage?)null);
        await foreach (var update in Demo.CompleteChatStreamingAsync([new UserChatMessage("And the king")], options(), TestContext.Current.CancellationToken))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            (finish, usage) = (update.FinishReason ?? finish, update.Usage ?? usage);
        }

        text.ShouldBe(whole.Content[0].Text);
        finish.ShouldBe(ChatFinishReason.Length);
        usage!.OutputTokenCount.ShouldBe(12);
    }

    [Fact]
    public async Task Three_answers_come_as_three_choices()
    {
        var body = BinaryContent.Create(BinaryData.FromObjectAsJson(new { model = "demo", messages = new[] { new { role = "user", content = "And the king" } }, n = 3, seed = 1, max_tokens = 6 }));
        var result = await Demo.CompleteChatAsync(body);
        var choices = JsonElement.Parse(result.GetRawResponse().Content).GetProperty("choices");
        choices.EnumerateArray().Select(choice => choice.Number("index")).ShouldBe([0, 1, 2]);
    }

    [Fact]
    public async Task Sampling_options_do_what_they_say()
    {
        var options = new ChatCompletionOptions
        {
            Temperature = 0, TopP = 0.9f, FrequencyPenalty = 0.1f, PresencePenalty = 0.1f, MaxOutputTokenCount = 40, EndUserId = "me",
            IncludeLogProbabilities = true, TopLogProbabilityCount = 2, StopSequences = { " the" },
        };
        var answer = (await Demo.CompleteChatAsync([new UserChatMessage("In the beginning")], options, TestContext.Current.CancellationToken)).Value;
        answer.FinishReason.ShouldBe(ChatFinishReason.Stop);
        answer.Content[0].Text.ShouldNotContain(" the");
        answer.ContentTokenLogProbabilities.ShouldNotBeEmpty();
        answer.ContentTokenLogProbabilities[0].TopLogProbabilities.Count.ShouldBe(2);
        answer.ContentTokenLogProbabilities[0].LogProbability.ShouldBeLessThan(0);
    }

    [Fact]
    public async Task Tools_are_called_and_answered()
    {
        var messages = new List<ChatMessage> { new UserChatMessage("@weather@") };
        var options = new ChatCompletionOptions { Tools = { Weather, Time }, AllowParallelToolCalls = true, ToolChoice = ChatToolChoice.CreateAutoChoice() };
        var answer = (await Scripted.CompleteChatAsync(messages, options, TestContext.Current.CancellationToken)).Value;
        answer.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        var call = answer.ToolCalls.ShouldHaveSingleItem();
        call.FunctionName.ShouldBe("get_weather");
        JsonElement.Parse(call.FunctionArguments).Text("city").ShouldBe("Paris");

        messages.Add(new AssistantChatMessage(answer));
        messages.Add(new ToolChatMessage(call.Id, "@plain@"));
        var final = (await Scripted.CompleteChatAsync(messages, options, TestContext.Current.CancellationToken)).Value;
        final.FinishReason.ShouldBe(ChatFinishReason.Stop);
        final.Content[0].Text.ShouldBe("It is sunny.");
    }

    [Fact]
    public async Task Streamed_calls_join_by_their_index()
    {
        var (names, arguments, finish) = (new Dictionary<int, string>(), new Dictionary<int, string>(), (ChatFinishReason?)null);
        var options = new ChatCompletionOptions { Tools = { Weather, Time } };
        await foreach (var update in Scripted.CompleteChatStreamingAsync([new UserChatMessage("@two@")], options, TestContext.Current.CancellationToken))
        {
            finish = update.FinishReason ?? finish;
            foreach (var call in update.ToolCallUpdates)
            {
                names[call.Index] = names.GetValueOrDefault(call.Index) + call.FunctionName;
                arguments[call.Index] = arguments.GetValueOrDefault(call.Index) + call.FunctionArgumentsUpdate;
            }
        }

        finish.ShouldBe(ChatFinishReason.ToolCalls);
        names.ShouldBe(new Dictionary<int, string> { [0] = "get_time", [1] = "get_weather" }, ignoreOrder: true);
        arguments.ShouldBe(new Dictionary<int, string> { [0] = "{}", [1] = "{\"city\":\"Oslo\"}" }, ignoreOrder: true);
    }

    [Fact]
    public async Task An_answer_of_a_schema_parses_whole_and_streamed()
    {
        const string schema = """{"type": "object", "properties": {"king": {"type": "string", "maxLength": 8}, "years": {"type": "integer", "minimum": 1, "maximum": 99}}, "required": ["king", "years"], "additionalProperties": false}""";
        ChatCompletionOptions options() => new()
        {
            Temperature = 0, MaxOutputTokenCount = 200,
            ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("reign", BinaryData.FromString(schema), jsonSchemaIsStrict: true),
        };
        var whole = (await Demo.CompleteChatAsync([new UserChatMessage("Who was king?")], options(), TestContext.Current.CancellationToken)).Value;
        whole.FinishReason.ShouldBe(ChatFinishReason.Stop);
        whole.Refusal.ShouldBeNull();
        var reign = JsonElement.Parse(whole.Content[0].Text);
        reign.Number("years").ShouldBeInRange(1, 99);
        reign.Text("king")!.Length.ShouldBeLessThanOrEqualTo(8);

        var streamed = "";
        await foreach (var update in Demo.CompleteChatStreamingAsync([new UserChatMessage("Who was king?")], options(), TestContext.Current.CancellationToken))
            streamed += string.Concat(update.ContentUpdate.Select(part => part.Text));
        streamed.ShouldBe(whole.Content[0].Text);

        var json = (await Demo.CompleteChatAsync([new UserChatMessage("x")], new() { ResponseFormat = ChatResponseFormat.CreateJsonObjectFormat(), MaxOutputTokenCount = 100 }, TestContext.Current.CancellationToken)).Value;
        json.Content[0].Text.ShouldStartWith("{");
    }

    [Fact]
    public async Task Texts_become_vectors()
    {
        var client = new EmbeddingClient("demo", Key, Options(silo.Api));
        var one = (await client.GenerateEmbeddingAsync("And the king", cancellationToken: TestContext.Current.CancellationToken)).Value;
        var several = (await client.GenerateEmbeddingsAsync(["In the beginning", "And the king"], cancellationToken: TestContext.Current.CancellationToken)).Value;
        several.Count.ShouldBe(2);
        several[1].ToFloats().ToArray().ShouldBe(one.ToFloats().ToArray());
        several[0].ToFloats().ToArray().ShouldNotBe(one.ToFloats().ToArray());
        one.ToFloats().ToArray().Sum(value => value * value).ShouldBe(1, 1e-4);
        several.Usage.InputTokenCount.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_full_server_is_the_clients_exception_with_its_status_and_the_client_comes_back_by_itself()
    {
        await using var small = await RunningSilo.StartDemo("--max-num-seqs", "1", "--queue-limit", "1");
        ChatCompletionOptions options() => new() { Temperature = 0, MaxOutputTokenCount = 400 };
        var clients = Enumerable.Range(0, 6).Select(_ => Client(small.Api, "demo").CompleteChatAsync([new UserChatMessage("And the king")], options(), TestContext.Current.CancellationToken)).ToList();
        var refusals = 0;
        foreach (var client in clients)
        {
            try
            {
                (await client).Value.Content.ShouldNotBeEmpty();
            }
            catch (ClientResultException refused)
            {
                refused.Status.ShouldBe(429);
                refusals++;
            }
        }

        refusals.ShouldBeGreaterThan(0);
        var patient = new ChatClient("demo", Key, new() { Endpoint = new(small.Api.Address, "v1"), RetryPolicy = new ClientRetryPolicy(20) });
        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => patient.CompleteChatAsync([new UserChatMessage("And the king")], options(), TestContext.Current.CancellationToken)));
        answers.ShouldAllBe(answer => answer.Value.Content[0].Text == answers[0].Value.Content[0].Text);
    }

    [Fact]
    public async Task Models_are_listed()
    {
        var models = new OpenAIModelClient(Key, Options(silo.Api));
        (await models.GetModelsAsync(TestContext.Current.CancellationToken)).Value.Select(model => model.Id).ShouldBe(["demo"]);
        (await models.GetModelAsync("demo", TestContext.Current.CancellationToken)).Value.OwnedBy.ShouldBe("splitwiser");
    }

    [Fact]
    public async Task Refusals_come_as_the_clients_exception_with_status_and_words()
    {
        var bad = await Should.ThrowAsync<ClientResultException>(() => Demo.CompleteChatAsync([new UserChatMessage("x")], new() { Temperature = 9 }, TestContext.Current.CancellationToken));
        bad.Status.ShouldBe(400);
        bad.Message.ShouldContain("temperature must be from 0 to 2");
        var unknown = await Should.ThrowAsync<ClientResultException>(() => Client(silo.Api, "gpt-9").CompleteChatAsync([new UserChatMessage("x")], new(), TestContext.Current.CancellationToken));
        unknown.Status.ShouldBe(404);
        unknown.Message.ShouldContain("model_not_found");
        var streamed = Demo.CompleteChatStreamingAsync([new UserChatMessage("x")], new() { Temperature = 9 }, TestContext.Current.CancellationToken);
        (await Should.ThrowAsync<ClientResultException>(async () => await streamed.GetAsyncEnumerator(TestContext.Current.CancellationToken).MoveNextAsync())).Status.ShouldBe(400);
    }

    [Fact]
    public async Task Leaving_a_stream_gives_its_pages_back()
    {
        await using var own = await RunningSilo.StartDemo();
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in Client(own.Api, "demo").CompleteChatStreamingAsync([new UserChatMessage("And the king")], new() { MaxOutputTokenCount = 1500, Temperature = 1 }, leaves.Token))
                await leaves.CancelAsync();
        });
        await Settles.AllPagesAreBack(own.Api);
    }

    private static readonly ApiKeyCredential Key = new("none");

    private ChatClient Demo => Client(silo.Api, "demo");

    private ChatClient Scripted => Client(scripted.Api, "scripted");

    private static ChatClient Client(Api api, string model) => new(model, Key, Options(api));

    private static OpenAIClientOptions Options(Api api) => new() { Endpoint = new(api.Address, "v1"), RetryPolicy = new ClientRetryPolicy(0) };
}
