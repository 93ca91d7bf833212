namespace MrfAd.Cli.Collecting;

/// <summary>Shows a collection on standard error: on a terminal as one line that changes, and a line for each thing that was flagged; otherwise a line for each picture.</summary>
public sealed class CollectView
{
    private const string EraseLine = "\r\u001b[K";

    private readonly Lock _lock = new();
    private readonly CollectProgress _progress;
    private readonly TextWriter _out;
    private readonly int? _width;
    private bool _hasStatus;

    /// <param name="width">The width of the terminal in characters; null where it is none.</param>
    public CollectView(CollectProgress progress, TextWriter output, int? width)
    {
        (_progress, _out, _width) = (progress, output, width);
        progress.Taken += OnTaken;
        progress.Told += Line;
    }

    /// <summary>Ends the line that changes.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (_hasStatus)
                _out.WriteLine();
            _hasStatus = false;
        }
    }

    /// <summary>Shows a line that stays.</summary>
    public void Line(string text)
    {
        lock (_lock)
        {
            _out.WriteLine(_hasStatus ? EraseLine + text : text);
            if (_hasStatus)
                _out.Write(Fitted(_progress.Counts()));
        }
    }

    private void OnTaken(CollectedPicture picture, bool isNews)
    {
        lock (_lock)
        {
            if (isNews && (!picture.IsGood || _width is null))
                Line(CollectProgress.Describe(picture));
            if (_width is null)
                return;
            _out.Write(EraseLine + Fitted($"{_progress.Counts()}, the newest {CollectProgress.Describe(picture)}"));
            _hasStatus = true;
        }
    }

    private string Fitted(string text) => text.Length < _width ? text : text[..Math.Max(0, _width!.Value - 1)];
}
