namespace MrfAd.Station.Outbox;

/// <content>What is too old, too much or no longer needed goes.</content>
public sealed partial class Journal
{
    /// <summary>Deletes the oldest segment, whatever is in it.</summary>
    /// <returns>False where there is none, or it cannot be deleted.</returns>
    public bool DropOldest(string reason)
    {
        lock (_disk)
            return log.Segments.Count > 0 && TryDrop(reason);
    }

    /// <summary>Deletes the oldest segment if the broker has all that is in it and it is not the newest.</summary>
    /// <returns>False where it is not so, or it cannot be deleted.</returns>
    public bool DropOldestSent()
    {
        lock (_disk)
            return log.Segments.Count >= 2 && IsSent(log.Segments[0]) && TryDrop("");
    }

    private void Forget()
    {
        try
        {
            while (log.Bytes > options.Bytes && log.Segments.Count > 1)
                Drop("bytes");
            while (log.Segments.Count > 1 && IsOld(log.Segments[0]))
                Drop("age");
            while (!options.KeepsSent && log.Segments.Count > 1 && IsSent(log.Segments[0]))
                Drop("");
        }
        catch (IOException e)
        {
            // A disk that deletes nothing takes nothing either.
            Complain(e);
        }
    }

    private bool TryDrop(string reason)
    {
        try
        {
            Drop(reason);
            return true;
        }
        catch (IOException)
        {
            // No room was made: who asked for it says so.
            return false;
        }
    }

    private bool IsOld(Segment segment)
    {
        lock (_index)
            return _letters.TakeWhile(letter => letter.Place?.Segment == segment).All(IsOld);
    }

    /// <summary>What still waits is as old as this run knows it: a clock that jumps must not throw it away.</summary>
    private bool IsOld(Letter letter) =>
        (letter.Number <= _acknowledged ? clock.GetUtcNow() - letter.Label.At : clock.GetElapsedTime(letter.AddedAt)) > options.Age;

    private bool IsSent(Segment segment)
    {
        lock (_index)
            return !_letters.Exists(letter => letter.Number > _acknowledged && letter.Place?.Segment == segment);
    }

    private void Drop(string reason)
    {
        var segment = log.DropOldest();
        int unsent;
        lock (_index)
        {
            var gone = _letters.TakeWhile(letter => letter.Place?.Segment == segment).ToList();
            unsent = gone.Count(letter => letter.Number > _acknowledged);
            Remove(gone);
        }

        Drop(unsent, reason);
    }

    private void Remove(List<Letter> oldest)
    {
        _letters.RemoveRange(0, oldest.Count);
        foreach (var letter in oldest)
            ForgetTrigger(letter);
    }

    private void ForgetTrigger(Letter letter)
    {
        if (_triggers.TryGetValue((letter.Label.Camera, letter.Label.Trigger), out var known) && known == letter)
            _triggers.Remove((letter.Label.Camera, letter.Label.Trigger));
    }

    private void LimitMemory()
    {
        var dropped = 0;
        lock (_index)
        {
            for (var letters = _unsaved.Count(line => line.Kind == RecordKind.Letter); letters > options.MessagesInMemory; letters--)
            {
                var oldest = _unsaved.FindIndex(line => line.Kind == RecordKind.Letter);
                dropped += _unsaved[oldest].Number > _acknowledged ? 1 : 0;
                _letters.Remove(_unsaved[oldest].Letter!);
                ForgetTrigger(_unsaved[oldest].Letter!);
                _unsaved.RemoveRange(0, oldest + 1);
            }
        }

        Drop(dropped, "disk_full");
    }

    private void Drop(long count, string reason)
    {
        if (count == 0)
            return;
        lock (_index)
            _dropped[reason] = _dropped.GetValueOrDefault(reason) + count;
        Dropped?.Invoke(count, reason);
    }
}
