using System.Globalization;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;

namespace MrfAd.Cli.Collecting;

/// <summary>
/// The folder of good pictures, and the folder <c>flagged</c> beside it for those that are unlike the others. The files are named by the time at which they were taken,
/// in UTC, so that their names sort by time also where the clocks are changed. Nothing that is there is overwritten.
/// </summary>
public sealed class CollectFolder
{
    private const string FlaggedName = "flagged";

    // The newest pictures that are there already say what is usual, so that a second shift is compared with the first.
    private const int Remembered = 20;

    private readonly TimeProvider _clock;
    private readonly PictureCheck _check = new();
    private readonly Dictionary<long, List<string>> _byLength = [];
    private readonly List<(string Path, double Brightness, double Saturated, double Sharpness)> _kept = [];
    private DateTimeOffset _last;

    /// <summary>Makes the folders, tries whether files can be written, and looks at the pictures that are there.</summary>
    /// <param name="good">The folder for the good pictures.</param>
    /// <exception cref="UsageException">There can be no such folder.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public CollectFolder(string good, TimeProvider clock)
    {
        (Good, Flagged, _clock) = (good, FlaggedBeside(good), clock);
        foreach (var folder in (string[])[Good, Flagged])
        {
            if (File.Exists(folder))
                throw new UsageException($"--out: '{folder}' is a file, want a folder");
        }

        UserFiles.CreateFolder(Good);
        var probe = Path.Combine(Good, $".collect.{Environment.ProcessId}.tmp");
        UserFiles.WriteBytes(probe, []);
        UserFiles.Delete(probe);
        var before = ImageFolder.FilesBelow(Good);
        Before = before.Count;
        foreach (var path in before.Concat(ImageFolder.Files(Flagged)))
            Remember(path, UserFiles.Access(path, () => new FileInfo(path).Length));
        foreach (var path in before.TakeLast(Remembered))
            Look(path);
    }

    /// <summary>The folder of the good pictures, as it was named.</summary>
    public string Good { get; }

    /// <summary>The folder of those that are unlike the others.</summary>
    public string Flagged { get; }

    /// <summary>The number of good pictures that were there at the start.</summary>
    public int Before { get; }

    /// <returns>The folder for the pictures that are unlike the others.</returns>
    /// <exception cref="UsageException">There is no place beside the folder, or it would be the same one.</exception>
    public static string FlaggedBeside(string good)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(good));
        if (Path.GetFileName(full) is "" or FlaggedName)
            throw new UsageException($"--out: want a folder for good pictures beside which '{FlaggedName}' is one for the others, got '{good}'");
        var beside = Path.Combine(Path.GetDirectoryName(full)!, FlaggedName);
        return Path.IsPathRooted(good) ? beside : Path.GetRelativePath(".", beside);
    }

    /// <summary>Keeps a picture. One that is the very same as an earlier one is not kept again.</summary>
    /// <exception cref="IOException">The disk is full or not writable; no part of the file is left.</exception>
    public CollectedPicture Add(Image image)
    {
        var png = ImageCodec.Encode(image, ImageFormat.Png);
        if (SameAs(png) is { } same)
            return new CollectedPicture(null, png) { SameAs = same };
        var statistics = ImageStatistics.Of(image);
        var fault = _check.Add(image, statistics);
        var path = Write(png, fault?.Word);
        Remember(path, png.Length);
        if (fault is null)
            _kept.Add((path, statistics.Brightness, statistics.Saturated, statistics.Sharpness));
        return new CollectedPicture(path, png) { Reason = fault?.Text };
    }

    /// <returns>The good pictures of this run that are unlike all that have come since, each with its fault: the first ones had few to be compared with.</returns>
    public IReadOnlyList<(string Path, ImageFault Fault)> LookAgain() =>
        [.. from picture in _kept let fault = _check.FaultOf(picture.Brightness, picture.Saturated, picture.Sharpness) where fault is not null select (picture.Path, fault)];

    /// <returns>The path of a picture with the same bytes; null where there is none. The same pixels always give the same file.</returns>
    private string? SameAs(byte[] png) => _byLength.GetValueOrDefault(png.Length)?.Find(path =>
    {
        try
        {
            return UserFiles.ReadBytes(path).AsSpan().SequenceEqual(png);
        }
        catch (IOException)
        {
            return false; // it was taken away meanwhile
        }
    });

    private string Write(byte[] png, string? fault)
    {
        var now = _clock.GetUtcNow();
        while (true)
        {
            // Two of one millisecond, and one after the clock was set back, still get names in the order in which they were taken.
            _last = now > _last.AddMilliseconds(1) ? now : _last.AddMilliseconds(1);
            var name = _last.ToString("yyyyMMdd'T'HHmmss'.'fff'Z'", CultureInfo.InvariantCulture);
            var path = fault is null ? Path.Combine(Good, $"{name}.png") : Path.Combine(Flagged, $"{name}-{fault}.png");
            if (AtomicFile.TryCreate(path, png))
                return path;
        }
    }

    private void Remember(string path, long length)
    {
        if (!_byLength.TryGetValue(length, out var paths))
            _byLength[length] = paths = [];
        paths.Add(path);
    }

    private void Look(string path)
    {
        try
        {
            using var image = ImageCodec.Read(path);
            _check.Add(image, ImageStatistics.Of(image));
        }
        catch (Exception e) when (e is ImageFormatException or IOException)
        {
            // It says nothing about the others; learn names it.
        }
    }
}
