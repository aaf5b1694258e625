namespace Splitwiser.Client.CommandLine;

internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>The server refused, failed or isn't there.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl-C.</summary>
    public const int Cancelled = 130;
}
