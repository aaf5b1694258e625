using System.CommandLine;
using Splitwiser.Client.CommandLine;

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

    private static async Task<(int Code, string Output, string Errors)> Run(params string[] args)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var root = new RootCommand { new GenerateCommand(output, errors, TimeProvider.System).Create() };
        var code = await root.Parse(args).InvokeAsync(new InvocationConfiguration { Output = TextWriter.Null, Error = errors }, TestContext.Current.CancellationToken);
        return (code, output.ToString(), errors.ToString());
    }
}
