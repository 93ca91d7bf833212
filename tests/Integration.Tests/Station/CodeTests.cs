using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Testing;
using ZXing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>Serial numbers that the real <c>mrfad run</c> reads from its frames, and <c>mrfad check</c>, which says where they cannot be read.</summary>
public sealed class CodeTests(LearnedStation learned) : StationTestBase(learned)
{
    private const string Cameras = """
        [{ "name": "top", "source": "folder:parts", "check_image": false, "code": { "region": [10, 4, 80, 56], "formats": ["data_matrix"], "time_limit": "10s" } },
         { "name": "strict", "source": "folder:plain", "check_image": false, "code": { "required": true, "time_limit": "10s" } }]
        """;

    [Fact]
    public async Task The_code_in_the_picture_is_the_part_s_serial_number_and_one_that_must_be_there_and_is_not_makes_it_invalid()
    {
        WriteCode(Path.Combine(Parts, "0.png"), "SN-1");
        WriteCode(Path.Combine(Parts, "1.png"), "SN-2");
        LearnedStation.WritePart(Path.Combine(Directory.CreateDirectory(Folder.File("plain")).FullName, "0.png"), seed: 1);
        await using var agent = Run(Cameras);
        var url = await agent.ListeningAsync();
        await Listener.StateAsync(StationState.Ready);

        await Listener.TriggerAsync("""{"camera":"top","id":"a"}""");
        await Listener.TriggerAsync("""{"camera":"top","id":"b","serial":"SN-9"}""");
        var (read, other) = (await Listener.VerdictsAsync(2)) is [var first, var second] ? (first, second) : default;
        await Listener.TriggerAsync("""{"camera":"strict","id":"c"}""");
        var missing = Assert.Single(await Listener.VerdictsAsync(1));

        Assert.Equal(("SN-1", "SN-1", "data_matrix", false), (read.Serial, read.Code?.Text, read.Code?.Format, read.CodeMismatch));
        Assert.Equal(("SN-9", "SN-2", true), (other.Serial, other.Code?.Text, other.CodeMismatch));
        Assert.Equal((Verdict.Invalid, null, "code_unreadable", "no data_matrix, qr, code_128 code can be read"), (missing.Verdict, missing.Serial, missing.Fault?.Kind, missing.Code?.Reason));
        Listener.AssertSchemas();

        Assert.Single(JsonNode.Parse(await Http.GetStringAsync(new Uri(url, "api/results?serial=SN-1")))!["verdicts"]!.AsArray());
        Assert.Single(JsonNode.Parse(await Http.GetStringAsync(new Uri(url, "api/results?cause=code_unreadable")))!["verdicts"]!.AsArray());
        var metrics = await Http.GetStringAsync(new Uri(url, "metrics"));
        foreach (var line in (string[])[
            """mrfad_codes_total{camera="top",result="read"} 1""", """mrfad_codes_total{camera="top",result="mismatch"} 1""", """mrfad_codes_total{camera="strict",result="unreadable"} 1""",
            """mrfad_stage_duration_seconds_count{camera="top",stage="code"} 2""", """mrfad_frames_dropped_total{camera="strict",reason="code_unreadable"} 1"""])
            Assert.Contains(line + "\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_reads_the_code_and_names_a_region_that_is_not_within_the_frame()
    {
        WriteCode(Path.Combine(Parts, "0.png"), "SN-1");
        LearnedStation.WritePart(Path.Combine(Directory.CreateDirectory(Folder.File("plain")).FullName, "0.png"), seed: 1);

        var (code, output) = await CheckAsync(Cameras);
        Assert.True(code == 0, output);
        Assert.Contains("0.png: 96x64 RGB 8 bit; its data_matrix code says 'SN-1' (", output, StringComparison.Ordinal);
        Assert.Contains("0.png: 96x64 RGB 8 bit; no data_matrix, qr, code_128 code can be read (", output, StringComparison.Ordinal);

        (code, output) = await CheckAsync("""[{ "name": "top", "source": "folder:parts", "code": { "region": [60, 0, 40, 40] } }, { "name": "web", "source": "http:", "trigger": "http" }]""");
        Assert.Equal(1, code);
        Assert.Contains("camera top: code.region [60, 0, 40, 40] is not within the images of 96x64 that 'parts' learned", output, StringComparison.Ordinal);
        Assert.Contains("the region [60, 0, 40, 40] is not within the image of 96x64", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);

        (code, output) = await CheckAsync("""[{ "name": "top", "source": "folder:parts", "code": { "region": [60, 0, 40], "formats": [], "time_limit": "1m" } }]""");
        Assert.Equal(2, code);
        Assert.Contains("cameras[0].code.region: want [x, y, width, height] in px, x and y at least 0, width and height at least 1, or null, got [60, 0, 40]", output, StringComparison.Ordinal);
        Assert.Contains("cameras[0].code.formats: want at least one", output, StringComparison.Ordinal);
        Assert.Contains("cameras[0].code.time_limit: want 10ms to 10s", output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> CheckAsync(string cameras)
    {
        var (code, output, errors) = await AgentProcess.RunAsync("check", "--config", Learned.Configure(Folder, Broker.Port, cameras), "--json");
        return (code, (output + errors).Replace("\\u0027", "'", StringComparison.Ordinal));
    }

    private static void WriteCode(string path, string text)
    {
        using var image = new CodePicture(LearnedStation.Width, LearnedStation.Height, 125).Draw(BarcodeFormat.DATA_MATRIX, text, 50, 32, module: 3, dark: 60, light: 125).Noise(4, 1).ToImage(3);
        File.WriteAllBytes(path, ImageCodec.Encode(image, ImageFormat.Png));
    }
}
