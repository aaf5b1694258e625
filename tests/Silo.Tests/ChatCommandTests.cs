namespace Splitwiser.Silo.Tests;

/// <summary>The chat command against real silos: lines are piped, as scripts do it.</summary>
public sealed class ChatCommandTests(DemoSilo demo, HermesSilo hermes)
{
    [Fact]
    public async Task Each_line_is_a_question_and_answers_alone_are_printed()
    {
        var run = await Chat(hermes.Api, "@plain@", "@think@");
        run.Code.ShouldBe(0, run.Errors);
        run.Output.ShouldBe("It is sunny.\nTake no umbrella.\n"); // what it thought is nobody's answer
        run.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_question_carries_all_turns_before_it()
    {
        var run = await Chat(hermes.Api, "/system Be brief.", "@plain@", "@plain@", "/history");
        run.Code.ShouldBe(0, run.Errors);
        run.Errors.ShouldContain("system: Be brief.\nuser: @plain@\nassistant: It is sunny.\nuser: @plain@\nassistant: It is sunny.\n");
    }

    [Fact]
    public async Task A_refused_turn_loses_nothing_and_is_asked_again()
    {
        var run = await Chat(hermes.Api, "@plain@", "/set temperature 9", "@think@", "/history", "/unset temperature", "/retry");
        run.Code.ShouldBe(1);
        run.Errors.ShouldContain("temperature must be from 0 to 2");
        run.Errors.ShouldContain("user: @plain@\nassistant: It is sunny.\ntemperature is the server's default now.\n");
        run.Output.ShouldBe("It is sunny.\nTake no umbrella.\n");
    }

    [Fact]
    public async Task Undo_takes_a_turn_back_and_clear_all_of_them()
    {
        var run = await Chat(hermes.Api, "@plain@", "@think@", "/undo", "/history", "/clear", "/history", "/undo");
        run.Errors.ShouldContain("Taken back: @think@\nuser: @plain@\nassistant: It is sunny.\nForgotten.\nNothing was said yet.\nThere is nothing to take back.\n");
    }

    [Fact]
    public async Task Regen_replaces_the_last_answer()
    {
        var run = await Chat(demo.Api, "/set max_tokens 8", "/set seed 1", "In the beginning", "/set seed 2", "/regen", "/history");
        run.Code.ShouldBe(0, run.Errors);
        var answers = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        answers.Length.ShouldBe(2);
        run.Errors.ShouldContain($"user: In the beginning\nassistant: {answers[1]}\n");
        run.Errors.ShouldNotContain(answers[0]);
    }

    [Fact]
    public async Task A_saved_chat_goes_on_where_it_ended_and_is_the_body_of_a_request()
    {
        using var folder = new TemporaryFolder();
        var file = folder["chat.json"];
        var run = await Chat(hermes.Api, "/system Be brief.", "/set max_tokens 50", "@plain@", $"/save {file}");
        run.Code.ShouldBe(0, run.Errors);
        var answer = (await hermes.Api.Post("v1/chat/completions", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))).Success();
        answer.GetProperty("choices").GetArrayLength().ShouldBe(1);
        run = await ClientRun.Of(["chat", "--load", file, "--url", hermes.Api.Address.ToString()], "/history\n/set\n");
        run.Errors.ShouldContain("system: Be brief.\nuser: @plain@\nassistant: It is sunny.\n");
        run.Errors.ShouldMatch(@"max_tokens +50 ");
    }

    [Theory]
    [InlineData("nothing", "is no JSON")]
    [InlineData("[]", "holds no JSON object")]
    [InlineData("{}", "has no messages")]
    [InlineData("""{"messages": [{"role": "user"}]}""", "a role and a text")]
    [InlineData("""{"messages": [{"role": "user", "content": "x"}]}""", "each with an answer")]
    [InlineData("""{"messages": [], "temperature": "warm"}""", "temperature: expected a number")]
    public async Task A_file_that_is_no_chat_changes_nothing(string content, string problem)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["chat.json"], content, TestContext.Current.CancellationToken);
        var run = await Chat(hermes.Api, "@plain@", $"/load {folder["chat.json"]}", "/load /no/such/file", "/history");
        run.Errors.ShouldContain(problem);
        run.Errors.ShouldContain("user: @plain@\nassistant: It is sunny.\n");
        run = await ClientRun.Of(["chat", "--load", folder["chat.json"], "--url", hermes.Api.Address.ToString()]);
        run.Code.ShouldBe(2);
        run.Errors.ShouldContain(problem);
    }

    [Fact]
    public async Task Quotes_hold_several_lines_and_two_slashes_say_one()
    {
        var run = await Chat(hermes.Api, "\"\"\"one", "two", "@plain@\"\"\"", "//help @plain@", "/history");
        run.Errors.ShouldContain("user: one\ntwo\n@plain@\nassistant: It is sunny.\nuser: /help @plain@\n");
    }

    [Fact]
    public async Task What_is_no_command_or_no_setting_is_told_and_not_sent()
    {
        var run = await Chat(hermes.Api, "/nonsense", "/set warmth 3", "/set top_k many", "/unset warmth", "/save", "/retry", "/exit", "never asked");
        run.Code.ShouldBe(0);
        run.Output.ShouldBeEmpty();
        foreach (var told in new[] { "There is no command /nonsense", "there is no setting warmth", "top_k: expected a whole number, found 'many'", "A file is needed", "Nothing was asked yet" })
            run.Errors.ShouldContain(told);
    }

    [Fact]
    public async Task Help_lists_every_command()
    {
        var run = await Chat(hermes.Api, "/help");
        foreach (var name in Client.CommandLine.Chat.SlashCommand.All.SelectMany(command => command.Names))
            run.Errors.ShouldContain(name);
    }

    [Fact]
    public async Task Who_watches_sees_thoughts_dimmed_and_timings()
    {
        var run = await ClientRun.Of(["chat", "--url", hermes.Api.Address.ToString()], "@think@\n", colours: true);
        run.Code.ShouldBe(0, run.Errors);
        run.Output.ShouldStartWith("\e[2mSunny means no rain.");
        run.Output.ShouldMatch(@"\e\[0m\s+Take no umbrella\.\n\e\[2m\[\d+ \+ \d+ tokens, the first after \d+ ms");
        run = await ClientRun.Of(["chat", "--hide-thoughts", "--url", hermes.Api.Address.ToString()], "@think@\n", colours: true);
        run.Output.ShouldStartWith("Take no umbrella.");
    }

    [Fact]
    public async Task Every_setting_of_the_command_line_reaches_the_server()
    {
        foreach (var setting in Client.CommandLine.Chat.ChatSetting.All.Where(setting => setting.Name is not ("stop" or "seed")))
        {
            var run = await ClientRun.Of(["chat", $"--{setting.Name.Replace('_', '-')}", "-77", "--url", demo.Api.Address.ToString()], "And\n");
            run.Code.ShouldBe(1, setting.Name);
            run.Errors.ShouldContain(setting.Name);
        }

        var greedy = await ClientRun.Of(["chat", "--temperature", "0", "--max-tokens", "8", "--url", demo.Api.Address.ToString()], "In the beginning\n");
        var stopped = await ClientRun.Of(["chat", "--temperature", "0", "--max-tokens", "8", "--stop", greedy.Output.Trim()[4..8], "--url", demo.Api.Address.ToString()], "In the beginning\n");
        greedy.Output.ShouldStartWith(stopped.Output.TrimEnd());
        stopped.Output.Length.ShouldBeLessThan(greedy.Output.Length);
    }

    [Fact]
    public async Task No_server_is_told_and_exits_with_1()
    {
        var run = await ClientRun.Of(["chat", "--url", "http://127.0.0.1:1"], "x\n");
        run.Code.ShouldBe(1);
        run.Errors.ShouldContain("http://127.0.0.1:1 can't be reached");
    }

    private static Task<ClientRun> Chat(Api api, params string[] lines) => ClientRun.Of(["chat", "--url", api.Address.ToString()], string.Concat(lines.Select(line => line + "\n")));
}
