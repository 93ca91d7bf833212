using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>The certificates that the link trusts, and its error texts for others.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task A_broker_with_the_right_name_from_the_right_authority_is_trusted()
    {
        await using var broker = await StartAsync("localhost");
        await using var peer = At(broker, new TlsOptions { CaFile = _authority.CaFile }, host: "localhost");
        peer.Listen("a");
        peer.Link.Start();
        await peer.ConnectionAsync();

        await peer.PublishAsync("a", "encrypted");

        Assert.Equal("encrypted"u8.ToArray(), (await peer.NextAsync()).Payload.ToArray());
    }

    [Fact]
    public async Task The_name_in_the_certificate_may_be_another_than_the_host_where_it_is_asked_for()
    {
        await using var broker = await StartAsync("broker.plant");
        await using var peer = At(broker, new TlsOptions { CaFile = _authority.CaFile, ServerName = "broker.plant" });
        peer.Link.Start();

        await peer.ConnectionAsync();
        Assert.Contains("CN=broker.plant", await TlsProbe.InspectAsync(peer.Options, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", null)]
    [InlineData("localhost", null)]
    [InlineData("127.0.0.1", "broker.plant.evil")]
    public async Task A_broker_of_another_name_is_refused(string host, string? name)
    {
        await using var broker = await StartAsync("broker.plant");
        await using var peer = At(broker, new TlsOptions { CaFile = _authority.CaFile, ServerName = name }, host);
        peer.Link.Start();

        await AssertUntrustedAsync(peer, $"it is not for '{name ?? host}'");
    }

    [Fact]
    public async Task A_broker_from_another_authority_is_refused()
    {
        using var other = new TestAuthority();
        await using var broker = await StartAsync("localhost");
        await using var peer = At(broker, new TlsOptions { CaFile = other.CaFile }, host: "localhost");
        peer.Link.Start();

        await AssertUntrustedAsync(peer, "is not trusted");
    }

    [Fact]
    public async Task A_broker_that_no_authority_of_the_system_knows_is_refused()
    {
        await using var broker = await StartAsync("localhost");
        await using var peer = At(broker, new TlsOptions(), host: "localhost");
        peer.Link.Start();

        await AssertUntrustedAsync(peer, "is not trusted");
    }

    [Fact]
    public async Task A_broker_whose_certificate_has_expired_is_refused()
    {
        await using var broker = await StartAsync("localhost", expired: true);
        await using var peer = At(broker, new TlsOptions { CaFile = _authority.CaFile }, host: "localhost");
        peer.Link.Start();

        await AssertUntrustedAsync(peer, "expired");
    }

    [Fact]
    public async Task Our_certificate_opens_a_broker_that_wants_one_and_nothing_else_does()
    {
        var (certificate, key) = _authority.Issue("station-7");
        await using var broker = await StartAsync("localhost", wantsCertificates: true);
        var tls = new TlsOptions { CaFile = _authority.CaFile };
        await using var stranger = At(broker, tls, host: "localhost");
        await using var station = At(broker, tls with { CertificateFile = certificate, KeyFile = key }, host: "localhost");

        stranger.Link.Start();
        Assert.Contains("want", await stranger.LossAsync(), StringComparison.Ordinal);
        Assert.Contains("certificate from us (mqtt.tls.certificate_file)", await stranger.LossAsync(), StringComparison.Ordinal);
        station.Link.Start();
        await station.ConnectionAsync();

        Assert.False(stranger.Link.IsConnected);
        Assert.Contains("u'station-7'", broker.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_cannot_be_used_are_named_and_tried_again()
    {
        var (certificate, _) = _authority.Issue("station-7");
        var (_, otherKey) = _authority.Issue("station-8");
        await using var broker = await StartAsync("localhost", wantsCertificates: true);
        await using var peer = At(broker, new TlsOptions { CaFile = _authority.CaFile, CertificateFile = certificate, KeyFile = otherKey }, host: "localhost");
        peer.Link.Start();

        Assert.Contains($"the key '{otherKey}'", (await peer.LossAsync()).Replace("with the key", "the key", StringComparison.Ordinal), StringComparison.Ordinal);
        var now = TimeProvider.System.GetUtcNow();
        Assert.Contains(otherKey, Assert.Throws<MqttLinkException>(() => TlsFiles.Check(peer.Options.Tls, now)).Message, StringComparison.Ordinal);

        _authority.Issue("station-7", expired: true);
        var expired = peer.Options.Tls with { KeyFile = Path.ChangeExtension(certificate, "key") };
        Assert.Contains("station-7.crt' (CN=station-7) expired on", Assert.Throws<MqttLinkException>(() => TlsFiles.Check(expired, now)).Message, StringComparison.Ordinal);

        // The certificate is renewed on disk, and the next attempt uses it.
        File.Copy(_authority.Issue("station-7").Key, otherKey, overwrite: true);
        await peer.ConnectionAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_certificate_of_ours_that_the_broker_refuses_is_named(bool expired)
    {
        using var other = new TestAuthority();
        var (certificate, key) = (expired ? _authority : other).Issue("station-7", expired);
        await using var broker = await StartAsync("localhost", wantsCertificates: true);
        await using var peer = At(broker, new TlsOptions { CaFile = _authority.CaFile, CertificateFile = certificate, KeyFile = key }, host: "localhost");
        peer.Link.Start();

        var reason = await peer.LossAsync();

        Assert.Contains("refuse", reason, StringComparison.Ordinal);
        Assert.Contains($"our certificate '{certificate}'", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_speaks_no_tls_on_that_port_is_distinguished_from_one_that_is_not_trusted()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var peer = Peer.At(broker.Port, options: o => o with { Tls = new TlsOptions { Enabled = true } });
        peer.Link.Start();

        Assert.Contains("the broker closed the connection during the TLS handshake: is this its port for TLS?", await peer.LossAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_wants_tls_where_none_is_configured_is_reported_with_the_key()
    {
        await using var broker = await StartAsync("localhost");
        await using var peer = Peer.At(broker.TlsPort);
        peer.Link.Start();

        Assert.Contains("does it want TLS on this port (mqtt.tls.enabled)?", await peer.LossAsync(), StringComparison.Ordinal);
    }

    private static async Task AssertUntrustedAsync(Peer peer, string inWords)
    {
        var reason = await peer.LossAsync();
        Assert.Contains("the broker's certificate CN=", reason, StringComparison.Ordinal);
        Assert.Contains(inWords, reason, StringComparison.Ordinal);
        Assert.False(peer.Link.IsConnected);
        var error = await Assert.ThrowsAsync<MqttLinkException>(() => TlsProbe.InspectAsync(peer.Options, TestContext.Current.CancellationToken));
        Assert.Contains(inWords, error.Message, StringComparison.Ordinal);
    }

    private Task<MosquittoBroker> StartAsync(string name, bool expired = false, bool wantsCertificates = false) =>
        MosquittoBroker.StartNewAsync(tls: new BrokerTls(_authority.CaFile, _authority.Issue(name, expired), wantsCertificates));

    private static Peer At(MosquittoBroker broker, TlsOptions tls, string host = "127.0.0.1") =>
        Peer.At(broker.TlsPort, options: o => o with { Host = host, Tls = tls with { Enabled = true } });
}
