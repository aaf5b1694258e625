using Spectre.Console;
using Splitwiser.Silo.Hosting;

namespace Splitwiser.Silo.Tests;

public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_shows_every_answer_its_timings_and_no_lost_page()
    {
        var (code, output, errors) = await Run("demo", "--max-tokens", "8", "--num-gpu-blocks-override", "256");
        code.ShouldBe(0, errors);
        for (var i = 1; i <= 8; i++)
            output.ShouldContain($"[{i}] ");
        output.ShouldContain("first token");
        output.ShouldContain("leaked: 0");
        output.ShouldContain("bytes copied: 0");
        output.ShouldContain("mode adaptive");
    }

    [Fact]
    public async Task The_demo_takes_prompts_and_the_hosts_settings()
    {
        var (code, output, errors) = await Run("demo", "In the beginning", "--max-tokens", "8", "--temperature", "0", "--phase-mode", "serial", "--num-gpu-blocks-override", "128");
        code.ShouldBe(0, errors);
        output.ShouldContain("[1]  of the reign of Jehoiakim king of Judah");
        output.ShouldNotContain("[2]");
        output.ShouldContain("mode serial");
    }

    [Fact]
    public async Task A_wrong_demo_exits_with_2()
    {
        var (code, _, errors) = await Run("demo", "--max-tokens", "0");
        code.ShouldBe(2);
        errors.ShouldContain("--max-tokens");
    }

    [Fact]
    public async Task A_prompt_that_is_refused_is_told_and_exits_with_1()
    {
        var (code, _, errors) = await Run("demo", "In the beginning", "--max-tokens", "5000", "--num-gpu-blocks-override", "128");
        code.ShouldBe(1);
        errors.ShouldContain("context of 2048");
        errors.ShouldNotContain("   at ");
    }

    private static async Task<(int Code, string Output, string Errors)> Run(params string[] args)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
        var code = await new HostCommandLine(console, errors) { Output = output }.Run(args, TestContext.Current.CancellationToken);
        return (code, output.ToString(), errors.ToString());
    }
}
