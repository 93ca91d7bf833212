namespace MrfAd.Station.Outbox;

/// <content>Deletes segments that are too old, beyond the budget or no longer needed.</content>
public sealed partial class Journal
{
    /// <summary>Deletes the oldest segment, even if it holds messages that the broker does not have.</summary>
    /// <returns>False where there is no segment, or it cannot be deleted.</returns>
    public bool DropOldest(string reason)
    {
        lock (_disk)
            return log.Segments.Count > 0 && TryDrop(reason);
    }

    /// <summary>Deletes the oldest segment if the broker has all of its messages and it is not the newest segment.</summary>
    /// <returns>False where nothing was deleted.</returns>
    public bool DropOldestSent()
    {
        lock (_disk)
            return log.Segments.Count >= 2 && IsSent(log.Segments[0]) && TryDrop("");
    }

    private void Expire()
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
            // A disk that cannot delete cannot be written either.
            SetError(e);
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
            // No room was made: the caller reports that.
            return false;
        }
    }

    private bool IsOld(Segment segment)
    {
        lock (_index)
            return _messages.TakeWhile(message => message.Place?.Segment == segment).All(IsOld);
    }

    /// <summary>The age of an unsent message counts from when this process first saw it, so that a clock that jumps drops nothing.</summary>
    private bool IsOld(OutboxMessage message) =>
        (message.Number <= _acknowledged ? clock.GetUtcNow() - message.Headers.At : clock.GetElapsedTime(message.AddedAt)) > options.Age;

    private bool IsSent(Segment segment)
    {
        lock (_index)
            return !_messages.Exists(message => message.Number > _acknowledged && message.Place?.Segment == segment);
    }

    private void Drop(string reason)
    {
        var segment = log.DropOldest();
        int unsent;
        lock (_index)
        {
            var dropped = _messages.TakeWhile(message => message.Place?.Segment == segment).ToList();
            unsent = dropped.Count(message => message.Number > _acknowledged);
            Remove(dropped);
        }

        Drop(unsent, reason);
    }

    private void Remove(List<OutboxMessage> oldest)
    {
        _messages.RemoveRange(0, oldest.Count);
        foreach (var message in oldest)
            RemoveTrigger(message);
    }

    private void RemoveTrigger(OutboxMessage message)
    {
        if (_triggers.TryGetValue((message.Headers.Camera, message.Headers.Trigger), out var known) && known == message)
            _triggers.Remove((message.Headers.Camera, message.Headers.Trigger));
    }

    private void LimitMemory()
    {
        var dropped = 0;
        lock (_index)
        {
            for (var messages = _unsaved.Count(line => line.Kind == RecordKind.Message); messages > options.MessagesInMemory; messages--)
            {
                var oldest = _unsaved.FindIndex(line => line.Kind == RecordKind.Message);
                dropped += _unsaved[oldest].Number > _acknowledged ? 1 : 0;
                _messages.Remove(_unsaved[oldest].Message!);
                RemoveTrigger(_unsaved[oldest].Message!);
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
