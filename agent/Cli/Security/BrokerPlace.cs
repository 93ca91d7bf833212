namespace MrfAd.Cli.Security;

/// <summary>Where a broker finds its files and listens.</summary>
/// <param name="Folder">The folder of its files on its machine.</param>
/// <param name="TlsPort">The port of its encrypted listener, 1 to 65535.</param>
public sealed record BrokerPlace(string Folder, int TlsPort);
