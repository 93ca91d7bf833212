namespace MrfAd.Cli.Terminal;

/// <summary>Exit codes of all commands; part of the published interface.</summary>
public static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;

    /// <summary>The arguments or the configuration are invalid; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary><c>inspect</c> found at least one defective image.</summary>
    public const int NgFound = 3;
}
