using Spectre.Console;
using Splitwiser.Gpu.Cuda;
using Splitwiser.Models;
using Splitwiser.Silo.Hosting;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Tests;

/// <summary>What a silo serves on, with GPUs that the tests make up.</summary>
public sealed class DeviceChoiceTests
{
    private const string NoDriver = "No NVIDIA driver on this machine (tried libcuda.so.1).";

    private static readonly ModelConfig Model = ModelFolder.Open(Repository.DemoModel).Config;

    [Fact]
    public void Auto_takes_every_gpu_and_sizes_itself_for_one()
    {
        var choice = Choose(new(), gpus: 3);
        choice.IsGpu.ShouldBeTrue();
        choice.Count.ShouldBe(3);
        (choice.MaxNumSeqs, choice.MaxNumBatchedTokens, choice.MemoryUtilization).ShouldBe((256, 8192, 0.9));
    }

    [Fact]
    public void Auto_without_a_gpu_takes_the_cpu_and_knows_why()
    {
        var choice = Choose(new() { CpuDevices = 2 }, gpus: 0);
        choice.IsGpu.ShouldBeFalse();
        choice.Reason.ShouldBe(NoDriver);
        choice.Count.ShouldBe(2);
        (choice.MaxNumSeqs, choice.MaxNumBatchedTokens, choice.MemoryUtilization).ShouldBe((64, 512, 0.25));
    }

    [Fact]
    public void Cpu_does_not_look_for_a_gpu() =>
        DeviceChoice.Of(new() { Device = DeviceKind.Cpu }, Model, (out string _) => throw new InvalidOperationException("looked")).IsGpu.ShouldBeFalse();

    [Fact]
    public void Given_limits_hold_on_either()
    {
        var options = new SplitwiserOptions { MaxNumSeqs = 7, MaxNumBatchedTokens = 700, GpuMemoryUtilization = 0.5 };
        foreach (var choice in new[] { Choose(options, gpus: 1), Choose(options, gpus: 0) })
            (choice.MaxNumSeqs, choice.MaxNumBatchedTokens, choice.MemoryUtilization).ShouldBe((7, 700, 0.5));
    }

    [Theory]
    [InlineData("1", new[] { 1 })]
    [InlineData("2,0", new[] { 2, 0 })]
    [InlineData(" 2 , 1", new[] { 2, 1 })]
    [InlineData("all", new[] { 0, 1, 2 })]
    public void Gpus_are_named_by_the_drivers_numbers(string devices, int[] ordinals) =>
        Choose(new() { Devices = devices }, gpus: 3).Gpus.Select(gpu => gpu.Ordinal).ShouldBe(ordinals);

    [Theory]
    [InlineData("3", "there is no GPU 3 to serve on; there is 0 (Test GPU), 1 (Test GPU), 2 (Test GPU)")]
    [InlineData("0,0", "0 is there twice")]
    [InlineData("0,,1", "expected all, or numbers parted by commas, found '0,,1'")]
    [InlineData("-1", "expected all, or numbers")]
    [InlineData("first", "expected all, or numbers")]
    public void A_wrong_list_of_gpus_is_refused(string devices, string problem) =>
        Refused(new() { Devices = devices }, gpus: 3).ShouldContain($"--devices: {problem}");

    [Fact]
    public void Cuda_without_a_gpu_is_refused_with_the_reason() =>
        Refused(new() { Device = DeviceKind.Cuda }, gpus: 0).ShouldBe($"--device: there is no GPU to serve on: {NoDriver}");

    [Fact]
    public void A_gpu_by_its_number_without_a_gpu_is_refused_too() =>
        Refused(new() { Devices = "0" }, gpus: 0).ShouldBe($"--devices: there is no GPU to serve on: {NoDriver}");

    [Fact]
    public void Gpus_by_their_numbers_are_refused_on_the_cpu() =>
        Refused(new() { Device = DeviceKind.Cpu, Devices = "0" }, gpus: 1).ShouldStartWith("--devices: names GPUs");

    [Fact]
    public void Settings_of_the_cpu_are_refused_on_a_gpu()
    {
        Refused(new() { Threads = 4 }, gpus: 1).ShouldStartWith("--threads: is for the CPU, and this silo serves on Test GPU");
        Refused(new() { CpuDevices = 2 }, gpus: 1).ShouldStartWith("--cpu-devices: is for the CPU");
        Choose(new() { Device = DeviceKind.Cpu, CpuDevices = 2, Threads = 4 }, gpus: 1).Count.ShouldBe(2);
    }

    [Fact]
    public void A_step_must_hold_a_token_of_every_sequence() =>
        Refused(new() { MaxNumSeqs = 300, MaxNumBatchedTokens = 256 }, gpus: 1).ShouldBe("--max-num-batched-tokens: expected at least --max-num-seqs, 300, found 256");

    [Fact]
    public void All_problems_are_told_at_once() =>
        Should.Throw<BadConfigurationException>(() => Choose(new() { Devices = "7,8", Threads = 1 }, gpus: 1)).Problems.Count.ShouldBe(3);

    [Fact]
    public void A_model_that_the_kernels_do_not_cover_is_served_on_the_cpu_unless_a_gpu_was_asked_for()
    {
        var odd = Model with { HeadSize = 24 };
        var choice = DeviceChoice.Of(new(), odd, Finder(1));
        choice.IsGpu.ShouldBeFalse();
        choice.Reason.ShouldContain("Head size 24");
        Should.Throw<BadConfigurationException>(() => DeviceChoice.Of(new() { Device = DeviceKind.Cuda }, odd, Finder(1))).Message.ShouldContain("Head size 24");
    }

    [Theory]
    [InlineData("--device", "cuda")]
    [InlineData("--devices", "0")]
    public async Task The_host_refuses_to_start_without_the_gpu_that_it_was_told_to_use(string name, string value)
    {
        var errors = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
        var host = new HostCommandLine(console, errors) { Gpus = Finder(0), Output = TextWriter.Null };
        var code = await host.Run(["--model", Repository.DemoModel, "--urls", "http://127.0.0.1:0", name, value], TestContext.Current.CancellationToken);
        code.ShouldBe(2);
        errors.ToString().ShouldContain($"error: {name}: there is no GPU to serve on: {NoDriver}");
    }

    private static DeviceChoice Choose(SplitwiserOptions options, int gpus) => DeviceChoice.Of(options, Model, Finder(gpus));

    private static string Refused(SplitwiserOptions options, int gpus) => Should.Throw<BadConfigurationException>(() => Choose(options, gpus)).Message;

    private static GpuFinder Finder(int count) => (out string explanation) =>
    {
        explanation = count > 0 ? "Test GPUs." : NoDriver;
        return [.. Enumerable.Range(0, count).Select(ordinal => new CudaDevice(ordinal, "Test GPU", 90, 132, 50 << 20, 80L << 30, 227 << 10))];
    };
}
