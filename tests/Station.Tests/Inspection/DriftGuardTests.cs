using MrfAd.Contracts;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Inspection;

public sealed class DriftGuardTests : IDisposable
{
    private const int Frames = 16;
    private static readonly InspectorInfo First = Bank('a');

    private readonly GuardLab _lab = new(Frames);

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Too_few_frames_say_nothing()
    {
        AddImages(First, light: -9, times: 3);
        Assert.Equal(double.NaN, _lab.Gauges()[DriftKind.Light]);

        AddImages(First, light: -9);
        Assert.Equal(-9, _lab.Gauges()[DriftKind.Light]);
    }

    [Fact]
    public void A_minority_of_odd_frames_moves_no_gauge()
    {
        AddImages(First, light: 0.5, times: 9);
        AddImages(First, light: -50, focus: -50, right: 90, times: 7);

        Assert.Equal(0.5, _lab.Gauges()[DriftKind.Light]);
        Assert.Equal((0, 0), (_lab.Gauges()[DriftKind.Focus], _lab.Gauges()[DriftKind.Position]));
        Assert.Null(_lab.Health.Current.Reason);
    }

    [Fact]
    public void A_warning_names_camera_cause_amount_and_limit_and_leaves_the_station_well()
    {
        AddImages(First, light: -4.5, times: Frames);

        Assert.Equal("camera top: light has drifted: 9 % darker than the good images (-4.5 standard deviations, limit 3)", _lab.Health.Current.Reason);
        Assert.True(_lab.Health.Current.IsWell);
        Assert.Equal(StationState.Running, _lab.Health.Current.State);
    }

    [Fact]
    public void A_warning_stays_near_its_limit_and_ends_well_below_it()
    {
        AddImages(First, right: 2.1, times: Frames);
        AddImages(First, right: 1.7, times: Frames);
        Assert.StartsWith("camera top: position has drifted: parts lie +0.8 % of the width", _lab.Health.Current.Reason, StringComparison.Ordinal);

        AddImages(First, right: 1.5, times: Frames);
        Assert.Null(_lab.Health.Current.Reason);
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.1587, 1)]
    [InlineData(0.0228, 2)]
    [InlineData(0.8413, -1)]
    public void Scores_are_shown_as_the_quantile_of_their_p_value(double pValue, double sigmas)
    {
        for (var i = 0; i < Frames; i++)
            _lab.Guard.AddScore("top", First, pValue);

        Assert.Equal(sigmas, _lab.Gauges()[DriftKind.Score], 1e-3);
    }

    [Fact]
    public void Scores_lower_than_the_good_parts_are_no_reason_to_warn()
    {
        for (var i = 0; i < Frames; i++)
            _lab.Guard.AddScore("top", First, 1);

        Assert.True(_lab.Gauges()[DriftKind.Score] < -3);
        Assert.Null(_lab.Health.Current.Reason);
    }

    [Fact]
    public void Another_bank_begins_anew()
    {
        AddImages(First, light: -9, times: Frames);

        AddImages(Bank('b'), light: 0);

        Assert.Null(_lab.Health.Current.Reason);
        Assert.All(_lab.Gauges().Values, value => Assert.Equal(double.NaN, value));
    }

    [Fact]
    public void Each_camera_has_its_own_gauges()
    {
        AddImages(First, focus: -5, times: Frames);
        for (var i = 0; i < Frames; i++)
            _lab.Guard.AddImage("side", First, new ImageDrift(0, 1, 0, 0));

        Assert.Equal("camera top: focus has drifted: 22 % less sharp than the good images (-5.0 standard deviations, limit 3)", _lab.Health.Current.Reason);
    }

    private void AddImages(InspectorInfo bank, double light = 0, double focus = 0, double right = 0, int times = 1)
    {
        for (var i = 0; i < times; i++)
            _lab.Guard.AddImage("top", bank, new ImageDrift(light, focus, right, 0));
    }

    private static InspectorInfo Bank(char sha256) => new("bank", 1, new string(sha256, 64), "encoder", new string('e', 64), 10, new HeatmapScale(0, 20), new ReferenceStatistics
    {
        MinBrightness = 0,
        MaxSaturated = 1,
        MinSharpness = 0,
        Mean = [],
        Appearance = new ReferenceAppearance { Grey = [], Light = new ReferenceValue(0, 0.02), Focus = new ReferenceValue(-1, 0.05), X = new ReferenceValue(0, 0.004), Y = new ReferenceValue(0, 0.004) },
    });
}
