using System.Diagnostics;

namespace Splitwiser.Gpu.Tests.Faults;

/// <summary>Runs each of <see cref="PlantedFaults"/> in a process of its own, whose CUDA context may break.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData(nameof(PlantedFaults.Closes_the_device_with_a_typed_error_and_leaks_no_page))]
    [InlineData(nameof(PlantedFaults.Is_reported_by_the_silo_and_its_requests_go_on_on_another_device))]
    public async Task A_kernel_that_traps(string what)
    {
        _ = Card.Required;
        var self = Environment.ProcessPath!;
        string[] program = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(FaultTests).Assembly.Location] : [];
        using var process = Process.Start(new ProcessStartInfo(self, [.. program, "--explicit", "only", "--filter-method", $"{typeof(PlantedFaults).FullName}.{what}"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);
            process.ExitCode.ShouldBe(0, $"{await output}\n{await errors}");
            (await output).ShouldContain("succeeded: 1");
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }
}
