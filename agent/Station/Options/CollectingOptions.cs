using MrfAd.Engine.Features;

namespace MrfAd.Station.Options;

/// <summary>
/// The options of collecting: a camera or product whose model does not exist yet keeps its frames, and the station learns the first model from those that are called good.
/// The options of learning are those of <c>mrfad learn</c>, with its defaults.
/// </summary>
public sealed record CollectingOptions
{
    private static readonly MrfAdOptions Defaults = new();

    /// <summary>True: where the file of a model does not exist, frames are collected. False: the station does not start without it.</summary>
    public bool Enabled { get; init; }

    /// <summary>The folder of the frames, made if absent, with a folder for each camera, below that of the product where there are products.</summary>
    public string Folder { get; init; } = "collected";

    /// <summary>The maximum size of the folder in 10^6 bytes. The oldest frames that nobody has called good give way; good ones are never deleted.</summary>
    public int BudgetMb { get; init; } = 2000;

    /// <summary>The number of frames of each camera and product that are kept beside the good ones, the newest.</summary>
    public int KeepFrames { get; init; } = 200;

    /// <summary>The number of good parts from which on a model can be learned, at least 4.</summary>
    public int MinParts { get; init; } = 30;

    /// <summary>The layers of the encoder; null means those of its descriptor.</summary>
    public IReadOnlyList<string>? Layers { get; init; }

    /// <summary>The scaling factors of the image, each above 0 and up to 4.</summary>
    public IReadOnlyList<double> Scales { get; init; } = Defaults.Scales;

    /// <summary>The minimum length in pixels of the smallest view's shorter side.</summary>
    public int LeastSide { get; init; } = Defaults.MinSide;

    /// <summary>The maximum number of rows of each bank, at least 100; null keeps all.</summary>
    public int? Rows { get; init; } = Defaults.RowsPerBank;

    /// <summary>Aligns each part, shifted or turned, to one of the good ones: in learning and in every inspection.</summary>
    public bool Align { get; init; }

    /// <summary>The target number of false alarms (false rejects) in 1000 good parts.</summary>
    public double FalseAlarms { get; init; } = 1;
}
