namespace MrfAd.Cli.Security;

/// <summary>A file of a <see cref="SecureFolder"/>.</summary>
/// <param name="What">One clause that says what it is for.</param>
/// <param name="IsWritten">False where it was there and stays as it is.</param>
public sealed record SecureFile(string Name, string What, bool IsWritten);
