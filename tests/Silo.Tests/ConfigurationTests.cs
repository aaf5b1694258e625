using System.Net;
using System.Net.Sockets;
using Spectre.Console;
using Splitwiser.Silo.Hosting;

namespace Splitwiser.Silo.Tests;

public sealed class ConfigurationTests
{
    [Theory]
    [InlineData("--model", "a model folder is needed")]
    [InlineData("--model", "there is no folder", "--model", "/no/such/folder")]
    [InlineData("--phase-mode", "expected one of adaptive, serial", "--phase-mode", "warp")]
    [InlineData("--phase-mode", "can't run mode", "--phase-mode", "partition")]
    [InlineData("--max-num-seqs", "expected a whole number, found 'many'", "--max-num-seqs", "many")]
    [InlineData("--max-num-seqs", "expected 1 to 4096, found 0", "--max-num-seqs", "0")]
    [InlineData("--max-model-len", "takes at most 2048 tokens", "--max-model-len", "4096")]
    [InlineData("--gpu-memory-utilization", "expected a number", "--gpu-memory-utilization", "NaN")]
    [InlineData("--gpu-memory-utilization", "expected 0.001 to 0.95, found 2", "--gpu-memory-utilization", "2")]
    [InlineData("--chat-template", "there is no file", "--chat-template", "/no/such/file")]
    [InlineData("--silo-name", "without '/'", "--silo-name", "a/b")]
    [InlineData("--urls", "expected http://host:port", "--urls", "ftp://127.0.0.1:0")]
    [InlineData("--urls", "https needs a certificate", "--urls", "https://127.0.0.1:0")]
    [InlineData("--ssl-keyfile", "needs --ssl-certfile", "--ssl-keyfile", "key.pem")]
    [InlineData("--ssl-certfile", "", "--ssl-certfile", "/no/such/file")]
    [InlineData("--allowed-origins", "found 'example.org'", "--allowed-origins", "https://example.org,example.org")]
    [InlineData("--requests-per-minute", "expected at least 1, found 0", "--requests-per-minute", "0")]
    [InlineData("--urls", "expected http://host:port", "--urls", "http://127.0.0.1:0;nonsense")]
    [InlineData("--bogus", "", "--bogus")]
    public async Task A_wrong_setting_is_told_by_name_and_exits_with_2(string name, string problem, params string[] args)
    {
        var model = name == "--model" ? [] : new[] { "--model", Repository.DemoModel, "--num-gpu-blocks-override", "64" };
        var (code, errors) = await Run([.. model, .. name == "--urls" ? [] : new[] { "--urls", "http://127.0.0.1:0" }, .. args]);
        code.ShouldBe(2, errors);
        errors.ShouldContain(name);
        errors.ShouldContain(problem);
        errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task All_wrong_settings_are_told_at_once()
    {
        var (code, errors) = await Run(["--threads", "0", "--max-num-seqs", "x", "--phase-mode", "y"]);
        code.ShouldBe(2);
        errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(4); // the three and the missing model
    }

    [Fact]
    public async Task A_folder_that_holds_no_model_names_the_file_and_exits_with_1()
    {
        var (code, errors) = await Run(["--model", Path.Combine(Repository.Root, "docs")]);
        code.ShouldBe(1, errors);
        errors.ShouldContain("config.json");
        errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_port_in_use_is_told_and_exits_with_1()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var (code, errors) = await Run(["--model", Repository.DemoModel, "--num-gpu-blocks-override", "64", "--urls", $"http://{taken.LocalEndPoint}"]);
        code.ShouldBe(1, errors);
        errors.ShouldContain("address already in use");
        errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task Help_lists_every_setting()
    {
        var output = new StringWriter();
        var code = await new HostCommandLine(Quiet(), new StringWriter()) { Output = output }.Run(["serve", "--help"], TestContext.Current.CancellationToken);
        code.ShouldBe(0);
        foreach (var setting in Options.Setting.All)
            output.ToString().ShouldContain($"--{setting.Name}");
        output.ToString().ShouldContain("--no-enable-prefix-caching");
    }

    private static async Task<(int Code, string Errors)> Run(string[] args)
    {
        var errors = new StringWriter();
        var code = await new HostCommandLine(Quiet(), errors) { Output = TextWriter.Null }.Run(args, TestContext.Current.CancellationToken);
        return (code, errors.ToString());
    }

    private static IAnsiConsole Quiet() => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
}
