using Splitwiser.Silo.Tests;

[assembly: AssemblyFixture(typeof(DemoSilo))]

namespace Splitwiser.Silo.Tests;

/// <summary>One host of the demo model for all tests that need no settings of their own.</summary>
public sealed class DemoSilo : IAsyncLifetime
{
    private RunningSilo? silo;

    internal Api Api => silo!.Api;

    public async ValueTask InitializeAsync() => silo = await RunningSilo.StartDemo();

    public async ValueTask DisposeAsync()
    {
        if (silo is not null)
            await silo.DisposeAsync();
    }
}
