namespace MrfAd.Cli.Terminal;

/// <summary>What a command ends with; part of the contract.</summary>
public static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;

    /// <summary>Bad arguments or configuration: nothing was done.</summary>
    public const int Usage = 2;

    /// <summary><c>inspect</c>: at least one image is defective.</summary>
    public const int NgFound = 3;
}
