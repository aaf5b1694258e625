using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Splitwiser.Client.CommandLine;
using Splitwiser.Client.Http;
using Splitwiser.Gpu;
using Splitwiser.Gpu.Phases;
using Splitwiser.Models;
using Splitwiser.Silo.Options;

namespace Splitwiser.Silo.Hosting;

/// <summary>What can keep a host from starting without being a bug: told in one line each, without a stack trace.</summary>
internal static class StartProblems
{
    /// <summary>The problems that an exception stands for, and the exit code; none for a bug.</summary>
    public static (IReadOnlyList<string> Problems, int ExitCode) Of(Exception exception) => exception switch
    {
        BadConfigurationException bad => (bad.Problems, ExitCode.Usage),
        PhaseModeException mode => ([$"--phase-mode: {mode.Message}"], ExitCode.Usage),
        HostTierException tier => ([$"--kv-offloading-size: {tier.Message}"], ExitCode.Usage),
        DeviceRefusedException pin => ([$"--pinned-prompts: {pin.Message}"], ExitCode.Usage), // the only calls that a device gets before it serves
        DeviceFaultException => ([$"--device: {exception.Message}"], ExitCode.Failed),
        ModelFormatException => ([exception.Message], ExitCode.Failed),
        IOException { InnerException: AddressInUseException } => ([$"--urls: {exception.Message}"], ExitCode.Failed),
        SocketException => ([$"--urls: {exception.Message}"], ExitCode.Failed),
        ServerRefusedException => ([exception.Message], ExitCode.Failed), // a prompt of the demo's user
        InsufficientMemoryException or OutOfMemoryException => ([$"not enough memory: {exception.Message}"], ExitCode.Failed),
        AggregateException { InnerException: { } inner } => Of(inner),
        _ => ([], ExitCode.Failed),
    };
}
