using System.Text.Json.Nodes;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>The error texts of <c>mrfad check</c> for certificates.</summary>
public sealed class CheckTlsTests(LearnedStation station) : IClassFixture<LearnedStation>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _authority = new();

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Good_certificates_pass_and_each_bad_one_is_named()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        LearnedStation.WritePart(Path.Combine(_folder.File("parts"), "0.png"), seed: 1);
        await using var broker = await MosquittoBroker.StartNewAsync(tls: new BrokerTls(_authority.CaFile, _authority.Issue("broker.plant"), WantsCertificates: true));
        var (certificate, key) = _authority.Issue("station-7");
        var tls = new JsonObject { ["enabled"] = true, ["ca_file"] = _authority.CaFile, ["certificate_file"] = certificate, ["key_file"] = key, ["server_name"] = "broker.plant" };

        var (code, output) = await CheckAsync(broker.TlsPort, tls);
        Assert.True(code == 0, output);
        Assert.Contains("our certificate CN=station-7 is good until", output, StringComparison.Ordinal);
        Assert.Contains("the broker's certificate CN=broker.plant is good until", output, StringComparison.Ordinal);

        tls["server_name"] = "other.plant";
        await AssertFaultAsync(broker.TlsPort, tls, "it is not for 'other.plant'");

        tls["server_name"] = "broker.plant";
        tls["key_file"] = _authority.Issue("station-8").Key;
        await AssertFaultAsync(broker.TlsPort, tls, "station-8.key' cannot be used");

        (tls["certificate_file"], tls["key_file"]) = (_authority.Issue("station-9", expired: true).Certificate, Path.ChangeExtension(certificate, "key").Replace("station-7", "station-9", StringComparison.Ordinal));
        await AssertFaultAsync(broker.TlsPort, tls, "(CN=station-9) expired on");

        tls["ca_file"] = Path.Combine(_folder.File("parts"), "0.png");
        await AssertFaultAsync(broker.TlsPort, tls, "0.png' holds no certificate");
    }

    private async Task AssertFaultAsync(int port, JsonObject tls, string fault)
    {
        var (code, output) = await CheckAsync(port, tls);
        Assert.Equal(1, code);
        Assert.Contains(fault, output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> CheckAsync(int port, JsonObject tls)
    {
        var config = station.Configure(_folder, port, """[{ "name": "top", "source": "folder:parts" }]""");
        var tree = JsonNode.Parse(await File.ReadAllTextAsync(config))!;
        tree["mqtt"]!["tls"] = tls.DeepClone();
        await File.WriteAllTextAsync(config, tree.ToJsonString());
        var (code, output, errors) = await AgentProcess.RunAsync("check", "--config", config, "--json");
        return (code, output + errors);
    }
}
