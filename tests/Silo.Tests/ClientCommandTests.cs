using System.Text.Json;

namespace Splitwiser.Silo.Tests;

/// <summary>The client's command line against a real silo.</summary>
public sealed class ClientCommandTests(DemoSilo silo)
{
    [Fact]
    public async Task Generate_streams_the_text_and_prints_its_timings()
    {
        var (code, output, errors) = await Run("generate", "In the beginning", "--url", silo.Api.Address.ToString(), "--max-tokens", "8", "--temperature", "0");
        code.ShouldBe(0, errors);
        output.ShouldStartWith(" of the reign of Jehoiakim king of Judah\n");
        output.ShouldContain("4 prompt tokens");
        output.ShouldContain("8 answer tokens, ended by length");
        output.ShouldContain("first token after");
        output.ShouldContain("tokens/s");
        errors.ShouldContain("over HTTP");
    }

    [Fact]
    public async Task Quiet_prints_the_text_alone()
    {
        var (code, output, errors) = await Run("generate", "In the beginning", "--url", silo.Api.Address.ToString(), "--max-tokens", "48", "--temperature", "0", "--stop", " Judah", "--quiet");
        code.ShouldBe(0);
        output.ShouldBe(" of the reign of Jehoiakim king of\n");
        errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refusal_is_told_in_the_silos_words_and_exits_with_1()
    {
        var (code, _, errors) = await Run("generate", "x", "--url", silo.Api.Address.ToString(), "--temperature", "9");
        code.ShouldBe(1);
        errors.ShouldContain("error: temperature must be from 0 to 2; it is 9.");
    }

    [Fact]
    public async Task No_silo_there_exits_with_1()
    {
        var (code, _, errors) = await Run("generate", "x", "--url", "http://127.0.0.1:1");
        code.ShouldBe(1);
        errors.ShouldContain("can't be reached");
        errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_url_that_is_none_is_told()
    {
        var (code, _, errors) = await Run("generate", "x", "--url", "nowhere");
        code.ShouldNotBe(0);
        errors.ShouldContain("expected http://host:port");
    }

    [Fact]
    public async Task Models_lists_names_and_lengths()
    {
        var (code, output, errors) = await Run("models", "--url", silo.Api.Address.ToString());
        code.ShouldBe(0, errors);
        output.ShouldContain("demo");
        output.ShouldContain("2048");
        (_, output, _) = await Run("models", "--json", "--url", $"{silo.Api.Address}v1/");
        JsonElement.Parse(output).Number("max_model_len").ShouldBe(2048);
    }

    [Fact]
    public async Task Devices_shows_mode_state_and_pages()
    {
        var (code, output, errors) = await Run("devices", "--url", silo.Api.Address.ToString());
        code.ShouldBe(0, errors);
        output.ShouldContain("demo, 2,048 tokens, mode adaptive, on CPU");
        output.ShouldContain("open");
        output.ShouldContain("512"); // pages
    }

    [Fact]
    public async Task Devices_watched_as_json_are_a_line_a_look_until_they_are_cancelled()
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = await ClientRun.Of(["devices", "--json", "--watch", "--interval", "0.1", "--url", silo.Api.Address.ToString()], told: lines =>
        {
            if (lines.Count(letter => letter == '\n') == 3)
                enough.Cancel();
        }, ct: enough.Token);
        run.Code.ShouldBe(0, run.Errors);
        var looks = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        looks.Length.ShouldBeGreaterThanOrEqualTo(3);
        foreach (var look in looks)
        {
            var device = JsonElement.Parse(look).GetProperty("devices")[0];
            device.GetProperty("open").GetBoolean().ShouldBeTrue();
            var pages = device.GetProperty("pages");
            (pages.Number("free") + pages.Number("leased") + pages.Number("cached")).ShouldBe(pages.Number("total"));
        }
    }

    [Theory]
    [InlineData("generate", "x")]
    [InlineData("models")]
    [InlineData("devices")]
    [InlineData("bench")]
    public async Task Every_command_shows_its_key(params string[] command)
    {
        await using var keyed = await RunningSilo.StartDemo("--api-key", "sesame");
        string[] server = ["--url", keyed.Api.Address.ToString()];
        var run = await ClientRun.Of([.. command, .. server]);
        run.Code.ShouldBe(1);
        run.Errors.ShouldContain("An API key is needed");
        run.Errors.ShouldContain("--api-key");
        string[] few = command[0] == "bench" ? ["--num-prompts", "2", "--output-len", "2"] : [];
        run = await ClientRun.Of([.. command, .. few, .. server, "--api-key", "sesame"]);
        run.Code.ShouldBe(0, run.Errors);
    }

    private static async Task<(int Code, string Output, string Errors)> Run(params string[] args)
    {
        var run = await ClientRun.Of(args);
        return (run.Code, run.Output, run.Errors);
    }
}
