namespace MrfAd.Cli.Collecting;

/// <summary>The progress of a collection, for the terminal and the page. Thread-safe.</summary>
public sealed class CollectProgress(CollectOptions options, CollectFolder folder, string hint)
{
    // As many as a person looks through on the page.
    private const int MaxListed = 24;

    private readonly Lock _lock = new();
    private readonly List<FlaggedPicture> _flagged = [];
    private readonly SortedDictionary<string, int> _reasons = new(StringComparer.Ordinal);
    private (int Good, int Flagged, int Duplicates) _count;
    private NewestPicture? _newest;
    private byte[]? _png;
    private string? _problem;
    private string? _repeated;

    /// <summary>Raised for each picture, outside of any lock. The flag is false for one that is the same as the one before, and told already.</summary>
    public event Action<CollectedPicture, bool>? Taken;

    /// <summary>Raised with each sentence that the user should read.</summary>
    public event Action<string>? Told;

    /// <summary>The number of good pictures taken.</summary>
    public int Good
    {
        get
        {
            lock (_lock)
                return _count.Good;
        }
    }

    /// <summary>The bytes of the newest picture's file; null where none was taken yet.</summary>
    public byte[]? NewestPng
    {
        get
        {
            lock (_lock)
                return _png;
        }
    }

    /// <summary>Counts a picture.</summary>
    public void Take(CollectedPicture picture)
    {
        bool isNews;
        lock (_lock)
        {
            _count = (_count.Good + (picture.IsGood ? 1 : 0), _count.Flagged + (picture.Reason is null ? 0 : 1), _count.Duplicates + (picture.SameAs is null ? 0 : 1));
            if (picture is { Reason: { } reason, Name: { } name })
            {
                _flagged.Add(new FlaggedPicture(name, reason));
                var kind = reason.Split(':')[0];
                _reasons[kind] = _reasons.GetValueOrDefault(kind) + 1;
            }

            isNews = picture.SameAs is null || picture.SameAs != _repeated;
            _repeated = picture.SameAs;
            _png = picture.Png;
            _newest = new NewestPicture(_count.Good + _count.Flagged + _count.Duplicates, Describe(picture), picture.IsGood);
        }

        Taken?.Invoke(picture, isNews);
    }

    /// <summary>Says something that the user should read.</summary>
    public void Tell(string text) => Told?.Invoke(text);

    /// <summary>Says that pictures can be taken now, and how.</summary>
    public void TellReady() => Tell($"ready: {hint}");

    /// <summary>Sets the reason why no pictures come; null where they come again.</summary>
    public void SetProblem(string? text)
    {
        lock (_lock)
        {
            if (_problem == text)
                return;
            _problem = text;
        }

        Tell(text ?? "pictures come again");
    }

    /// <returns>One clause about the picture.</returns>
    public static string Describe(CollectedPicture picture) =>
        picture.SameAs is { } same ? $"not kept: the very same picture as {same}"
        : picture.Reason is { } reason ? $"{picture.Path} flagged, {reason}"
        : picture.Path!;

    /// <returns>The counts in one line, without those that are zero.</returns>
    public string Counts()
    {
        lock (_lock)
        {
            var wanted = options.Count is { } count ? $" of {count}" : "";
            var flagged = _count.Flagged == 0 ? "" : $", {_count.Flagged} flagged ({string.Join(", ", _reasons.Select(reason => $"{reason.Value} {reason.Key}"))})";
            return $"{_count.Good}{wanted} good{flagged}{(_count.Duplicates == 0 ? "" : $", {_count.Duplicates} the same as one before and not kept")}";
        }
    }

    /// <returns>True where the file is one of those that are kept apart.</returns>
    public bool IsFlagged(string name)
    {
        lock (_lock)
            return _flagged.Exists(picture => picture.Name == name);
    }

    /// <returns>All that the page shows.</returns>
    public CollectStatus Status()
    {
        lock (_lock)
        {
            var listed = _flagged.TakeLast(MaxListed).Reverse().ToList();
            var canTake = options.Trigger is CollectTrigger.Key or CollectTrigger.Http && !options.Camera.FramesAreSent;
            return new CollectStatus(
                options.CameraName, folder.Good, folder.Flagged, hint, canTake, _count.Good, options.Count, folder.Before, _count.Flagged, _count.Duplicates, _newest, listed, _problem);
        }
    }
}
