using MrfAd.Cli.Commands;
using MrfAd.Engine.Search;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Tests.Commands;

public sealed class StrongerEncoderTests
{
    [Theory]
    [InlineData(1e9, "dinov2-reg-b fits, about ", "; dinov3-b fits, about ")]
    [InlineData(0, "none fits: dinov2-reg-b would take about ", ", dinov3-b would take about ")]
    public void The_strongest_of_each_family_that_fits_is_named_with_its_time(double spareMs, string expected, string other)
    {
        var profile = new DeviceProfile { Scales = [0.3, 0.5], EncoderPrecision = GraphPrecision.Fp32, RowPrecision = RowPrecision.Int8, BankMb = 100, FrameMs = 1000, MemoryMb = 1000 };
        var found = StrongerEncoder.Estimate(profile, OnnxDevice.Cpu, 1, 640, 480, spareMs, TimeProvider.System);
        Assert.StartsWith(expected, found.Detail, StringComparison.Ordinal);
        Assert.Contains(other, found.Detail, StringComparison.Ordinal);
    }
}
