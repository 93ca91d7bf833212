using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.Options;

/// <summary>The products of a configuration.</summary>
public sealed partial class StationConfigTests
{
    [Fact]
    public void A_product_takes_its_model_from_its_own_options_and_the_machine_from_the_detector()
    {
        Write("a.mrfbank", "");
        Write("b.mrfbank", "");
        Write("tiny.onnx", "");
        var station = StationConfig.Load(Write("station.json", """
            {
              "detector": { "encoder": "tiny.onnx", "provider": "cpu", "threads": 3, "method": "mrf_ad" },
              "products": [
                { "name": "a", "bank": "a.mrfbank", "threshold": 1.5 },
                { "name": "b", "bank": "b.mrfbank", "cameras": [{ "name": "side", "bank": "a.mrfbank", "check_image": false, "gate": { "line": "gpiochip0:2" } }] },
              ],
              "cameras": [{ "name": "top", "source": "mqtt:a" }, { "name": "side", "source": "mqtt:b", "gate": { "line": "gpiochip0:1" } }],
            }
            """), null, NoVariables);

        var (top, side) = (station.Products[1].Of(station.Cameras[0], station.Detector), station.Products[1].Of(station.Cameras[1], station.Detector));

        Assert.Equal(new DetectorOptions { Bank = _folder.File("b.mrfbank"), Encoder = _folder.File("tiny.onnx"), Provider = Onnx.Sessions.Provider.Cpu, Threads = 3 }, top.Detector);
        Assert.Equal((_folder.File("a.mrfbank"), false, true), (side.Detector!.Bank, side.CheckImage, top.CheckImage));
        Assert.Equal(("gpiochip0:2", null, "gpiochip0:1"), (side.Gate!.Line, top.Gate, station.Products[0].Of(station.Cameras[1], station.Detector).Gate!.Line));
        Assert.Equal(1.5f, station.Products[0].Of(station.Cameras[0], station.Detector).Threshold);
        Assert.Equal(
            [("a", null, "top side"), ("b", null, "top"), ("b", "side", "side")],
            ConfiguredDetector.Of(station).Select(d => (d.Product, d.Camera, string.Join(' ', d.Cameras))));
    }

    [Fact]
    public void Every_fault_of_a_product_is_named_at_once()
    {
        Write("a.mrfbank", "");
        var config = Write("station.json", $$"""
            {
              "product": "x",
              "products": [
                { "name": "../b", "bank": "a.mrfbank", "threshold": 0 },
                { "name": "{{new string('n', 65)}}", "bank": "a.mrfbank" },
                { "name": "m6", "cameras": [{ "name": "side", "gate": { "line": "27" } }, { "name": "top", "gate": { "line": "gpiochip0:1", "active_low": true } }] },
                { "name": "M6", "bank": "none.mrfbank" },
              ],
              "cameras": [{ "name": "top", "source": "mqtt:a", "threshold": 2, "gate": { "line": "gpiochip0:1" } }],
            }
            """);

        var error = Assert.Throws<UsageException>(() => StationConfig.Load(config, null, NoVariables)).Message;

        Assert.Contains("product: there is no product 'x'; there are ../b, ", error, StringComparison.Ordinal);
        Assert.Contains("products[0].name: want letters, digits, '-', '_' and '.', not a '.' first, got '../b'", error, StringComparison.Ordinal);
        Assert.Contains("products[0]: threshold: want more than 0, got 0", error, StringComparison.Ordinal);
        Assert.Contains("products[1].name: want 1 to 64 characters, got 65", error, StringComparison.Ordinal);
        Assert.Contains("products[2].bank: want the model of 'm6' for top", error, StringComparison.Ordinal);
        Assert.Contains("products[2].cameras[0].name: there is no camera 'side'; there are top", error, StringComparison.Ordinal);
        Assert.Contains("products[2].cameras[0].gate.line: want CHIP:LINE, such as gpiochip0:17, got '27'", error, StringComparison.Ordinal);
        Assert.Contains("gate: gpiochip0:1 is active_low in one place and not in another", error, StringComparison.Ordinal);
        Assert.Contains("products[3].bank: there is no file", error, StringComparison.Ordinal);
        Assert.Contains("products: 2 are named 'm6'", error, StringComparison.Ordinal);
        Assert.Contains("cameras[0].threshold: a threshold belongs to a product", error, StringComparison.Ordinal);
    }
}
