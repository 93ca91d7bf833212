using System.Diagnostics;
using System.Text;
using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>The example examples/plc-gateway, as it is shipped, between a real broker and a Modbus server.</summary>
public sealed class PlcGatewayTests
{
    private static TimeSpan Timeout => TestTimeout.Value;

    [Fact]
    public async Task Each_verdict_reaches_the_plc_once_late_ones_do_not_and_the_heart_beats_while_the_station_is_online()
    {
        var packages = NodePackages.Require();
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var station = await Peer.ConnectedAsync(broker.Port);
        var port = FreePort.Next();
        using var plc = Node(packages, Path.Combine("tests", "Testing", "plc.cjs"), packages, $"{port}");
        Assert.Equal("ready", await plc.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Timeout, TestContext.Current.CancellationToken));
        using var gateway = Node(packages, Path.Combine("examples", "plc-gateway", "gateway.cjs"), $"mqtt://127.0.0.1:{broker.Port}", "mrfad/v1/a/b/c", "top", $"127.0.0.1:{port}");
        try
        {
            await station.PublishAsync(Json("status", """{"status":"online"}""") with { Retain = true });
            var written = new List<string>();
            while (!written.Contains("0 1"))
                written.Add(await LineAsync(plc));

            foreach (var (id, seq, verdict, historical) in ((string, int, string, bool)[])[("a", 1, "OK", false), ("b", 2, "NG", true), ("c", 65539, "NG", false), ("c", 65539, "NG", false), ("d", 65540, "TIMEOUT", false)])
                await station.PublishAsync(Json("top/verdict", $$"""{"id":"{{id}}","seq":{{seq}},"verdict":"{{verdict}}","historical":{{(historical ? "true" : "false")}}}"""));
            while (!written.Contains("2 4"))
                written.Add(await LineAsync(plc));

            Assert.Equal(["1 1", "2 1", "1 3", "2 2", "1 4", "2 4"], written.Where(w => w[0] != '0'));
        }
        finally
        {
            gateway.Kill();
            plc.Kill();
        }
    }

    [Fact]
    public async Task The_product_and_the_serial_number_are_in_the_registers_behind_the_verdict()
    {
        var packages = NodePackages.Require();
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var station = await Peer.ConnectedAsync(broker.Port);
        var port = FreePort.Next();
        using var plc = Node(packages, Path.Combine("tests", "Testing", "plc.cjs"), packages, $"{port}");
        await LineAsync(plc);
        using var gateway = Node(packages, Path.Combine("examples", "plc-gateway", "gateway.cjs"), $"mqtt://127.0.0.1:{broker.Port}", "mrfad/v1/a/b/c", "top", $"127.0.0.1:{port}", "--serial", "3", "--products", "m5,m6");
        try
        {
            await station.PublishAsync(Json("status", """{"status":"online"}""") with { Retain = true });
            while (await LineAsync(plc) != "0 1")
            {
            }

            // The last character of the second one has two bytes, of which one would fit.
            foreach (var (seq, product, serial) in ((int, string, string)[])[(1, "\"m6\"", "\"SN7\""), (2, "\"m8\"", "\"12345ä\""), (3, "null", "null")])
                await station.PublishAsync(Json("top/verdict", $$"""{"id":"{{seq}}","seq":{{seq}},"product":{{product}},"verdict":"OK","historical":false,"serial":{{serial}}}"""));
            var written = new List<string>();
            while (written.Count < 21)
            {
                if (await LineAsync(plc) is var line && !line.StartsWith("0 ", StringComparison.Ordinal))
                    written.Add(line);
            }

            Assert.Equal(
                ["1 1", "2 1", "3 2", "4 3", $"5 {('S' << 8) + 'N'}", $"6 {'7' << 8}", "7 0",
                    "1 2", "2 1", "3 0", "4 5", $"5 {('1' << 8) + '2'}", $"6 {('3' << 8) + '4'}", $"7 {'5' << 8}",
                    "1 3", "2 1", "3 0", "4 0", "5 0", "6 0", "7 0"], written);
        }
        finally
        {
            gateway.Kill();
            plc.Kill();
        }
    }

    [Fact]
    public async Task What_waited_for_a_plc_that_does_not_answer_is_not_written_later_and_a_message_that_is_none_ends_nothing()
    {
        var packages = NodePackages.Require();
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var station = await Peer.ConnectedAsync(broker.Port);
        var port = FreePort.Next();
        using var plc = Node(packages, Path.Combine("tests", "Testing", "plc.cjs"), packages, $"{port}");
        await LineAsync(plc);
        using var gateway = Node(packages, Path.Combine("examples", "plc-gateway", "gateway.cjs"), $"mqtt://127.0.0.1:{broker.Port}", "mrfad/v1/a/b/c", "top", $"127.0.0.1:{port}");
        try
        {
            await station.PublishAsync(Json("status", """{"status":"online"}""") with { Retain = true });
            while (await LineAsync(plc) != "0 1")
            {
            }

            await station.PublishAsync(new MqttMessage("mrfad/v1/a/b/c/status", ReadOnlyMemory<byte>.Empty));
            await Signals.SendAsync(plc, "STOP");
            for (var seq = 101; seq <= 120; seq++)
                await station.PublishAsync(Verdict(seq));
            string error;
            do
                error = (await gateway.StandardError.ReadLineAsync().WaitAsync(Timeout))!;
            while (!error.EndsWith(" is too late", StringComparison.Ordinal));
            await Signals.SendAsync(plc, "CONT");

            var written = new List<string>();
            for (var seq = 201; !written.Exists(w => w.StartsWith("1 2", StringComparison.Ordinal)); seq++)
            {
                await station.PublishAsync(Verdict(seq));
                written.Add(await LineAsync(plc));
            }

            Assert.DoesNotContain($"1 {error.Split(' ')[^4]}", written);
        }
        finally
        {
            gateway.Kill();
            plc.Kill();
        }

        static MqttMessage Verdict(int seq) => Json("top/verdict", $$"""{"id":"{{seq}}","seq":{{seq}},"verdict":"NG","historical":false}""");
    }

    private static MqttMessage Json(string topic, string text) => new($"mrfad/v1/a/b/c/{topic}", Encoding.UTF8.GetBytes(text));

    private static async Task<string> LineAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync().WaitAsync(Timeout) ?? throw new InvalidOperationException("the PLC ended");

    private static Process Node(string packages, string script, params IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository.Root, script), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["NODE_PATH"] = Path.Combine(packages, "node_modules") },
        })!;
}
