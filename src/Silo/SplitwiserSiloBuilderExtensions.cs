using Microsoft.Extensions.DependencyInjection.Extensions;
using Splitwiser.Grains;
using Splitwiser.Silo.Hosting;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo;

/// <summary>Splitwiser in a silo of your own.</summary>
public static class SplitwiserSiloBuilderExtensions
{
    /// <summary>
    /// Serves a model from this silo: its devices open while the silo starts and close when it stops.
    /// Clients reach it through <see cref="IRequestGrain"/> or SplitwiserClient; the HTTP API is the Splitwiser.Silo host's.
    /// </summary>
    /// <exception cref="BadConfigurationException">An option is out of range, or asks for what the model can't do.</exception>
    /// <exception cref="Models.ModelFormatException">The model's folder is broken.</exception>
    public static ISiloBuilder AddSplitwiser(this ISiloBuilder silo, SplitwiserOptions options)
    {
        var model = LoadedModel.Open(options.Checked());
        return silo.AddSplitwiser(options, model, services =>
        {
            model.Load();
            return model.Devices(services);
        });
    }

    /// <summary>The same with options from the section "Splitwiser" of the silo's configuration.</summary>
    /// <inheritdoc cref="AddSplitwiser(ISiloBuilder, SplitwiserOptions)"/>
    public static ISiloBuilder AddSplitwiser(this ISiloBuilder silo) => silo.AddSplitwiser(silo.Configuration.ReadSplitwiserOptions());

    /// <summary>With a model whose weights somebody else loads before the silo starts.</summary>
    internal static ISiloBuilder AddSplitwiser(this ISiloBuilder silo, SplitwiserOptions options, LoadedModel model) => silo.AddSplitwiser(options, model, model.Devices);

    private static ISiloBuilder AddSplitwiser(this ISiloBuilder silo, SplitwiserOptions options, LoadedModel model, Func<IServiceProvider, DeviceSet> devices)
    {
        silo.Services.TryAddSingleton(TimeProvider.System);
        return silo.AddSplitwiserGrains(devices, new GrainOptions { DrainDeadline = TimeSpan.FromSeconds(Math.Max(0.1, options.ShutdownTimeout)), Routing = options.Routing });
    }
}
