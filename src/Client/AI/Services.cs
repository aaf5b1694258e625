namespace Splitwiser.Client.AI;

/// <summary>What a client of Microsoft.Extensions.AI says when it is asked for a service.</summary>
internal static class Services
{
    /// <param name="found">Whom to ask, in this order: the client, what it is made of, its metadata.</param>
    public static object? Find(Type serviceType, object? serviceKey, params ReadOnlySpan<object> found)
    {
        if (serviceKey is not null) return null;
        foreach (var service in found)
            if (serviceType.IsInstanceOfType(service)) return service;
        return null;
    }
}
