using System.CommandLine;
using MrfAd.Engine.Hlgfa;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary>The options that choose the architecture and the training of an HLGFA model.</summary>
internal sealed class HlgfaCommandOptions
{
    private static readonly HlgfaOptions Defaults = new();

    private readonly Option<int> _highSide = new("--high-side") { Description = "hlgfa: shorter side of the high-resolution view, px (the paper: 640).", DefaultValueFactory = _ => Defaults.HighSide };
    private readonly Option<int> _ratio = new("--ratio") { Description = "hlgfa: the low view is 1/ratio of the high one.", DefaultValueFactory = _ => Defaults.Ratio };
    private readonly Option<int> _guidance = new("--guidance") { Description = "hlgfa: channels of the guidance.", DefaultValueFactory = _ => Defaults.GuidanceChannels };
    private readonly Option<int> _hidden = new("--hidden") { Description = "hlgfa: channels of the residual's hidden layer.", DefaultValueFactory = _ => Defaults.HiddenChannels };
    private readonly Option<int> _epochs = new("--epochs") { Description = "hlgfa: maximum number of training epochs.", DefaultValueFactory = _ => Defaults.Epochs };
    private readonly Option<int> _batch = new("--batch") { Description = "hlgfa: images for each update of the weights.", DefaultValueFactory = _ => Defaults.Batch };
    private readonly Option<int> _microBatch = new("--micro-batch") { Description = "hlgfa: maximum number of images in memory at a time; a batch is accumulated from equal parts.", DefaultValueFactory = _ => Defaults.MicroBatch };
    private readonly Option<double> _rate = new("--learning-rate") { Description = "hlgfa: initial learning rate; it falls to a tenth.", DefaultValueFactory = _ => Defaults.LearningRate };
    private readonly Option<int> _noisy = new("--noisy") { Description = "hlgfa: noisy versions of each image beside the clean one.", DefaultValueFactory = _ => Defaults.NoisyVersions };
    private readonly Option<double> _heldOut = new("--held-out") { Description = "hlgfa: share of the images held out for early stopping and calibration.", DefaultValueFactory = _ => Defaults.HeldOut };
    private readonly Option<int> _patience = new("--patience") { Description = "hlgfa: epochs without a better held-out loss until training ends.", DefaultValueFactory = _ => Defaults.Patience };
    private readonly Option<double> _l1 = new("--l1") { Description = "hlgfa: weight of the focal L1 loss.", DefaultValueFactory = _ => Defaults.L1Weight };
    private readonly Option<double> _js = new("--js") { Description = "hlgfa: weight of the Jensen-Shannon loss.", DefaultValueFactory = _ => Defaults.JsWeight };
    private readonly Option<double> _gram = new("--gram") { Description = "hlgfa: weight of the Gram loss.", DefaultValueFactory = _ => Defaults.GramWeight };
    private readonly Option<bool> _reliability = new("--reliability") { Description = "hlgfa: weight the maps by the structure's reliability (eq. 8)." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _highSide, _ratio, _guidance, _hidden, _epochs, _batch, _microBatch, _rate, _noisy, _heldOut, _patience, _l1, _js, _gram, _reliability })
            command.Options.Add(option);
    }

    /// <exception cref="UsageException">A value is out of range.</exception>
    public HlgfaOptions Of(ParseResult parsed) => Defaults with
    {
        HighSide = Within(parsed, _highSide, 16, 8192),
        Ratio = Within(parsed, _ratio, 2, 8),
        GuidanceChannels = Within(parsed, _guidance, 1, 4096),
        HiddenChannels = Within(parsed, _hidden, 1, 4096),
        Epochs = Within(parsed, _epochs, 1, 100_000),
        Batch = Within(parsed, _batch, 1, 4096),
        MicroBatch = Within(parsed, _microBatch, 1, 4096),
        LearningRate = Within(parsed, _rate, 1e-8, 1),
        LastLearningRate = Within(parsed, _rate, 1e-8, 1) / 10,
        NoisyVersions = Within(parsed, _noisy, 0, 100),
        HeldOut = Within(parsed, _heldOut, 0.01, 0.5),
        Patience = Within(parsed, _patience, 1, 100_000),
        L1Weight = Within(parsed, _l1, 0.0, 1000),
        JsWeight = Within(parsed, _js, 0.0, 1000),
        GramWeight = Within(parsed, _gram, 0.0, 1000),
        Reliability = parsed.GetValue(_reliability),
    };

    private static T Within<T>(ParseResult parsed, Option<T> option, T min, T max)
        where T : IComparable<T> =>
        parsed.GetRequiredValue(option) is var value && value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0
            ? value
            : throw new UsageException(FormattableString.Invariant($"{option.Name}: want {min} to {max}, got {parsed.GetValue(option)}"));
}
