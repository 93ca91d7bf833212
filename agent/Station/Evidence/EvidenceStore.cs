using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Platform;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Evidence;

/// <summary>
/// A folder for each camera; in it, for each verdict kept, <c>ID.png</c> (or <c>.jpg</c>), the frame, and <c>ID.json</c>, the verdict. The ids sort by time.
/// A frame without its verdict was cut off by a power loss. A disk that is full stops nothing: the state is Degraded and says so.
/// </summary>
public sealed partial class EvidenceStore
{
    private readonly EvidenceOptions _options;
    private readonly StationHealth _health;
    private readonly ILogger<EvidenceStore> _log;
    private readonly Queue<(string Path, long Bytes)> _files;
    private readonly Dictionary<string, long> _okSeen = [];
    private string? _trouble;

    /// <exception cref="IOException">The folder cannot be made or read.</exception>
    public EvidenceStore(EvidenceOptions options, StationHealth health, ILogger<EvidenceStore> log)
    {
        (_options, _health, _log) = (options, health, log);
        if (options.BudgetMb > 0)
            UserFiles.CreateFolder(options.Folder);
        _files = new(options.BudgetMb == 0 ? [] : UserFiles.Files(options.Folder, "*", SearchOption.AllDirectories)
            .Select(path => new FileInfo(path))
            .Where(IsEvidence)
            .OrderBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => (f.FullName, f.Length)));
        Bytes = _files.Sum(f => f.Bytes);
    }

    /// <summary>Of all that is kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether this one is to be kept; each OK verdict is counted by being asked for.</summary>
    public bool Wants(VerdictMessage verdict)
    {
        if (_options.BudgetMb == 0 || verdict.Frame is null)
            return false;
        if (verdict.Verdict != Verdict.Ok)
            return true;
        var seen = _okSeen[verdict.Camera] = _okSeen.GetValueOrDefault(verdict.Camera) + 1;
        return _options.OkOneIn > 0 && (seen - 1) % _options.OkOneIn == 0;
    }

    /// <summary>Keeps the frame of a verdict and the verdict, where it is wanted.</summary>
    public void Add(VerdictMessage verdict, InspectionReport report)
    {
        if (report.Shot.Frame is not { } frame || !Wants(verdict))
            return;
        var picture = EncodedPicture.Encode(frame.Image, _options.Format);
        Keep(verdict, picture.Bytes, picture.Extension);
    }

    /// <param name="frame">An encoded picture.</param>
    /// <param name="extension">".png" or ".jpg".</param>
    public void Keep(VerdictMessage verdict, ReadOnlySpan<byte> frame, string extension)
    {
        try
        {
            var folder = Path.GetFullPath(Path.Combine(_options.Folder, verdict.Camera));
            UserFiles.CreateFolder(folder);
            // The verdict comes last: where it is, the frame is whole.
            Write(Path.Combine(folder, verdict.Id + extension), frame);
            Write(Path.Combine(folder, verdict.Id + ".json"), StationMessages.Content(verdict));
            Trouble(null);
        }
        catch (IOException e)
        {
            Trouble(e.Message);
        }
    }

    /// <summary>Anything else in the folder is somebody's, and nobody's to delete.</summary>
    private static bool IsEvidence(FileInfo file) =>
        file.Extension is ".png" or ".jpg" or ".json" && Guid.TryParseExact(Path.GetFileNameWithoutExtension(file.Name), "D", out _);

    private void Write(string path, ReadOnlySpan<byte> bytes)
    {
        while (Bytes + bytes.Length > _options.BudgetMb * 1_000_000L && _files.TryDequeue(out var oldest))
        {
            Bytes -= oldest.Bytes;
            // Somebody may have taken it away, folder and all.
            if (File.Exists(oldest.Path))
                UserFiles.Delete(oldest.Path);
        }

        _files.Enqueue((path, bytes.Length));
        Bytes += bytes.Length;
        UserFiles.WriteBytes(path, bytes);
    }

    private void Trouble(string? why)
    {
        if (_trouble == why)
            return;
        _trouble = why;
        _health.Set("evidence", why is null ? null : $"evidence is not kept: {why}");
        if (why is not null)
            LogTrouble(why);
    }

    [LoggerMessage(331, LogLevel.Error, "Evidence is not kept: {Why}")]
    private partial void LogTrouble(string why);
}
