namespace MrfAd.Testing;

/// <summary>The encrypted listener of a <see cref="MosquittoBroker"/>.</summary>
/// <param name="Certificate">Certificate and key that it shows.</param>
/// <param name="WantsCertificates">Clients must show one, and its name is their user name.</param>
public sealed record BrokerTls(string CaFile, (string Certificate, string Key) Certificate, bool WantsCertificates = false);
