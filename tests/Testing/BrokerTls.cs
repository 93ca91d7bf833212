namespace MrfAd.Testing;

/// <summary>The encrypted listener of a <see cref="MosquittoBroker"/>.</summary>
/// <param name="Certificate">The files of the certificate and the key of the broker.</param>
/// <param name="WantsCertificates">True where clients must show a certificate, whose name becomes their user name.</param>
public sealed record BrokerTls(string CaFile, (string Certificate, string Key) Certificate, bool WantsCertificates = false);
