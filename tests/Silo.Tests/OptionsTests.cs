using Microsoft.Extensions.Configuration;
using Splitwiser.Gpu.Phases;
using Splitwiser.Grains;
using Splitwiser.Silo.Hosting;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Every_option_is_a_setting_with_a_default_that_is_in_range()
    {
        Setting.All.Select(setting => setting.Key).ShouldBe(typeof(SplitwiserOptions).GetProperties().Select(property => property.Name));
        foreach (var setting in Setting.All)
            setting.Check(new SplitwiserOptions()).ShouldBeNull();
        Setting.All.Select(setting => setting.Name).ShouldBeUnique();
    }

    [Fact]
    public void Values_are_read_by_their_types()
    {
        var options = Read(("MaxNumSeqs", "7"), ("PhaseMode", "STREAMS"), ("EnablePrefixCaching", "0"), ("gpumemoryutilization", "0.5"), ("MaxModelLen", "100"), ("Routing", "round-robin"));
        options.MaxNumSeqs.ShouldBe(7);
        options.PhaseMode.ShouldBe(PhaseMode.Streams);
        options.Routing.ShouldBe(RoutingRule.RoundRobin);
        options.EnablePrefixCaching.ShouldBeFalse();
        options.GpuMemoryUtilization.ShouldBe(0.5);
        options.MaxModelLen.ShouldBe(100);
        options.QueueLimit.ShouldBe(new SplitwiserOptions().QueueLimit);
    }

    [Fact]
    public void A_number_is_no_phase_mode() =>
        Should.Throw<BadConfigurationException>(() => Read(("PhaseMode", "1"))).Message.ShouldContain("found '1'");

    [Fact]
    public void Multiprocessors_of_decode_are_for_the_mode_that_splits()
    {
        Read(("PhaseMode", "partition"), ("DecodeSms", "32")).DecodeSms.ShouldBe(32);
        Should.Throw<BadConfigurationException>(() => Read(("DecodeSms", "32"))).Message.ShouldContain("--decode-sms: is for --phase-mode partition, and the mode is adaptive");
    }

    [Fact]
    public void A_misspelled_setting_is_a_problem() =>
        Should.Throw<BadConfigurationException>(() => Read(("MaxNumSequences", "7"))).Message.ShouldContain("MaxNumSequences");

    [Fact]
    public void The_command_line_is_over_the_environment()
    {
        var variable = SettingSources.VariableOf("served-model-name");
        variable.ShouldBe("SPLITWISER_SERVED_MODEL_NAME");
        Environment.SetEnvironmentVariable(variable, "from-environment");
        try
        {
            SettingSources.Read([])["Splitwiser:ServedModelName"].ShouldBe("from-environment");
            SettingSources.Read([new("Splitwiser:ServedModelName", "given")])["Splitwiser:ServedModelName"].ShouldBe("given");
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Theory]
    [InlineData(1L << 30, 65536, 64, 0.5, 1, 192)]   // 64 sequences of 65 tokens take 3 pages each: no more is taken
    [InlineData(10L << 20, 65536, 64, 0.5, 1, 80)]   // half of 10 MiB
    [InlineData(10L << 20, 65536, 64, 0.5, 2, 40)]   // shared by two devices
    public void Pages_are_a_share_of_the_free_memory(long free, long pageBytes, int length, double share, int devices, int pages) =>
        PageBudget.PagesPerDevice(new(new() { GpuMemoryUtilization = share, CpuDevices = devices, MaxNumSeqs = 64 }, [], ""), pageBytes, length, free).ShouldBe(pages);

    [Fact]
    public void Memory_without_room_for_one_sequence_is_a_problem() =>
        Should.Throw<BadConfigurationException>(() => PageBudget.PagesPerDevice(new(new() { GpuMemoryUtilization = 0.5 }, [], ""), 65536, 2048, 1 << 20))
            .Message.ShouldContain("--gpu-memory-utilization");

    [Fact]
    public void Free_memory_is_what_the_kernel_says_is_available()
    {
        FreeMemory.Available(["MemTotal:       24000000 kB", "MemAvailable:    2048 kB"]).ShouldBe(2 << 20);
        FreeMemory.Available(["MemTotal:       24000000 kB"]).ShouldBeNull();
        FreeMemory.Bytes().ShouldBeGreaterThan(0);
    }

    private static SplitwiserOptions Read(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Append((Key: "Model", Value: Repository.DemoModel)).Select(setting => KeyValuePair.Create($"Splitwiser:{setting.Key}", (string?)setting.Value)))
        .Build().ReadSplitwiserOptions();
}
