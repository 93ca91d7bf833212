using MrfAd.Engine.Banks;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Hlgfa;

/// <summary>The good images of a training, all read once so that errors in them are reported before the long work begins.</summary>
internal sealed class TrainingImages
{
    // Fewer images are not enough to learn from and to hold out.
    private const int MinImages = 8;
    private const int MinHeldOut = 2;

    private readonly List<string> _paths = [];
    private readonly List<string> _skipped = [];
    private readonly ReferenceStatisticsLearner _statistics = new();
    private readonly HlgfaOptions _options;
    private readonly ImageLimits _limits;

    /// <exception cref="LearnException">The images are too few, unreadable, too small, or of different sizes; the message names them.</exception>
    public TrainingImages(HlgfaRequest request, Func<int, int, (int Width, int Height)> view, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        _options = request.Options;
        _limits = request.Limits ?? ImageFolder.Limits(request.Images);
        foreach (var path in request.Images)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                using var image = ImageCodec.Read(path, _limits);
                Add(path, image, view);
                _statistics.Add(image);
            }
            catch (Exception e) when (e is ImageFormatException or IOException)
            {
                _skipped.Add(e.Message);
            }

            progress?.Report(new LearnProgress("reading", _paths.Count + _skipped.Count, request.Images.Count));
        }

        if (_skipped.Count > 0 && !request.SkipUnreadable)
            throw new LearnException($"{_skipped.Count} of {request.Images.Count} images cannot be read (--skip-unreadable leaves them out):\n  {string.Join("\n  ", _skipped)}");
        if (_paths.Count < MinImages)
            throw new LearnException($"want at least {MinImages} good images to train on and to hold out, got {_paths.Count}");
        Sha256 = TrainingDigest.OfImages([.. _paths.Select(path => (path, Path.GetFileName(path)))]);
    }

    public IReadOnlyList<string> Skipped => _skipped;

    public int Count => _paths.Count;

    /// <summary>The number of images to train on, which come first; neighbours on a line look alike, so the held-out images are a run at the end.</summary>
    public int Trained => Count - Math.Clamp((int)Math.Round(Count * _options.HeldOut), MinHeldOut, Count / 2);

    /// <summary>Width and height of the first image, px.</summary>
    public (int Width, int Height) Size { get; private set; }

    /// <summary>Width times height of the largest image.</summary>
    public long MaxPixels { get; private set; }

    /// <summary>Digest of the images' names and bytes, SHA-256 in hex, as in a bank's description.</summary>
    public string Sha256 { get; }

    /// <inheritdoc cref="ReferenceStatisticsLearner.Warning"/>
    public string? Warning => _statistics.Warning;

    public ReferenceStatistics FinishStatistics() => _statistics.Finish();

    public Image Read(int i) => ImageCodec.Read(_paths[i], _limits);

    private void Add(string path, Image image, Func<int, int, (int Width, int Height)> view)
    {
        if (_paths.Count == 0)
            Size = (image.Width, image.Height);
        else if (Size != (image.Width, image.Height) && !_options.MixedSizes)
            throw new LearnException($"sizes differ: the first is {Size.Width}x{Size.Height}, {path} is {image.Width}x{image.Height} (--mixed-sizes allows it)");
        var (width, height) = view(Size.Width, Size.Height);
        var (lowWidth, lowHeight) = (width / _options.Ratio, height / _options.Ratio);
        if (image.Width < lowWidth || image.Height < lowHeight)
            throw new LearnException($"{path} is {image.Width}x{image.Height}, smaller than the low view of {lowWidth}x{lowHeight}: it has no second resolution to compare with (--high-side makes the views smaller)");
        _paths.Add(path);
        MaxPixels = Math.Max(MaxPixels, (long)image.Width * image.Height);
    }
}
