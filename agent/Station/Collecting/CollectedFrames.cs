using Microsoft.Extensions.Logging;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Collecting;

/// <summary>
/// The frames of cameras and products that have no model yet, as lossless files: those that somebody has called good in the folder <c>good</c> of each camera, which
/// <c>mrfad learn</c> takes as it is, the others beside it in <c>frames</c>, of which the oldest give way. A full disk stops nothing: the state becomes Degraded. Thread-safe.
/// </summary>
public sealed partial class CollectedFrames
{
    private const string Good = "good", Others = "frames";

    private readonly CollectingOptions _options;
    private readonly StationHealth _health;
    private readonly ILogger<CollectedFrames> _log;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<Guid, CollectedFrame> _frames = [];
    private long _bytes;
    private string? _error;

    /// <summary>Finds the frames of earlier runs.</summary>
    /// <param name="places">The products, null where there are none, and the cameras that collect.</param>
    /// <exception cref="IOException">A folder cannot be made or read.</exception>
    public CollectedFrames(CollectingOptions options, IEnumerable<(string? Product, string Camera)> places, StationHealth health, ILogger<CollectedFrames> log)
    {
        (_options, _health, _log) = (options, health, log);
        foreach (var (product, camera) in places)
        {
            foreach (var isGood in (bool[])[true, false])
            {
                var folder = FolderOf(product, camera, isGood);
                UserFiles.CreateFolder(folder);
                foreach (var file in UserFiles.Files(folder, "*.png").Select(path => new FileInfo(path)))
                {
                    if (Named(file, camera, product, isGood) is { } frame)
                        Put(frame);
                }
            }
        }
    }

    /// <summary>Raised after each change, on the thread that made it.</summary>
    public event Action? Changed;

    /// <returns>The frames of a camera and product, the oldest first.</returns>
    /// <param name="product">The product; null where the station has none.</param>
    public IReadOnlyList<CollectedFrame> Of(string camera, string? product)
    {
        lock (_lock)
            return [.. _frames.Values.Where(f => f.Camera == camera && f.Product == product)];
    }

    /// <returns>The frame; null where there is none, or it gave way to newer ones.</returns>
    public CollectedFrame? Find(Guid id)
    {
        lock (_lock)
            return _frames.GetValueOrDefault(id);
    }

    /// <returns>The path of a frame's file.</returns>
    public string PathOf(CollectedFrame frame) => Path.Combine(FolderOf(frame.Product, frame.Camera, frame.IsGood), frame.FileName);

    /// <summary>Keeps a frame; older ones make room. What cannot be kept is a problem of the station's health, until another one can be.</summary>
    public void Keep(Guid id, string camera, string? product, Image image, PictureFault? fault)
    {
        var png = ImageCodec.Encode(image, ImageFormat.Png);
        var frame = new CollectedFrame(id, camera, product, fault?.Word, IsGood: false, png.Length);
        try
        {
            lock (_lock)
            {
                MakeRoom(frame);
                AtomicFile.Write(PathOf(frame), png);
                Put(frame);
            }

            SetError(null);
        }
        catch (IOException e)
        {
            SetError(e.Message);
            return;
        }

        Changed?.Invoke();
    }

    /// <summary>Calls a part good, or takes that back.</summary>
    /// <returns>False where there is no such frame, or no longer.</returns>
    /// <exception cref="IOException">The file cannot be moved, and nothing has changed.</exception>
    public bool Mark(Guid id, bool isGood)
    {
        lock (_lock)
        {
            if (_frames.GetValueOrDefault(id) is not { } frame)
                return false;
            if (frame.IsGood == isGood)
                return true;
            var marked = frame with { IsGood = isGood };
            try
            {
                UserFiles.Move(PathOf(frame), PathOf(marked));
            }
            catch (IOException) when (!File.Exists(PathOf(frame)))
            {
                // Somebody has deleted it.
                Remove(frame);
                return false;
            }

            _frames[id] = marked;
        }

        Changed?.Invoke();
        return true;
    }

    /// <summary>Deletes frames that nobody has called good, the oldest first, until there is room for another one.</summary>
    /// <exception cref="IOException">All that is kept is good, and fills the folder.</exception>
    private void MakeRoom(CollectedFrame next)
    {
        var beside = _frames.Values.Where(f => !f.IsGood && f.Camera == next.Camera && f.Product == next.Product).ToList();
        foreach (var old in beside.Take(Math.Max(0, beside.Count + 1 - _options.KeepFrames)))
            Delete(old);
        while (_bytes + next.Bytes > _options.BudgetMb * 1_000_000L)
        {
            Delete(_frames.Values.FirstOrDefault(f => !f.IsGood) ?? throw new IOException(
                FormattableString.Invariant($"{_options.Folder} holds {_bytes / 1e6:0.#} MB of good parts, want room for {next.Bytes / 1e6:0.#} MB more within collect.budget_mb, {_options.BudgetMb}")));
        }
    }

    private void Delete(CollectedFrame frame)
    {
        UserFiles.Delete(PathOf(frame));
        Remove(frame);
    }

    private void Put(CollectedFrame frame)
    {
        if (_frames.TryAdd(frame.Id, frame))
            _bytes += frame.Bytes;
    }

    private void Remove(CollectedFrame frame)
    {
        if (_frames.Remove(frame.Id))
            _bytes -= frame.Bytes;
    }

    private string FolderOf(string? product, string camera, bool isGood) => Path.Combine(_options.Folder, product ?? "", camera, isGood ? Good : Others);

    /// <returns>The frame that a file holds; null for a file that this class has not written.</returns>
    private static CollectedFrame? Named(FileInfo file, string camera, string? product, bool isGood)
    {
        const int IdLength = 36;
        var name = Path.GetFileNameWithoutExtension(file.Name);
        return name.Length >= IdLength && Guid.TryParseExact(name[..IdLength], "D", out var id) && (name.Length == IdLength || name[IdLength] == '-')
            ? new CollectedFrame(id, camera, product, name.Length == IdLength ? null : name[(IdLength + 1)..], isGood, file.Length)
            : null;
    }

    private void SetError(string? why)
    {
        if (Interlocked.Exchange(ref _error, why) == why)
            return;
        _health.Set("collecting", why is null ? null : $"frames are not collected: {why}");
        if (why is not null)
            LogNotKept(why);
    }

    [LoggerMessage(340, LogLevel.Error, "Frames are not collected: {Why}")]
    private partial void LogNotKept(string why);
}
