namespace MrfAd.Station.Mqtt;

/// <summary>Keeps the problems of a link. Thread-safe.</summary>
/// <param name="changed">Called after each change, in the order of the changes.</param>
public sealed class LinkProblemRegister(Action<LinkProblems> changed)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<(string Topic, bool IsSubscription), string> _refused = new(Comparer<(string Topic, bool IsSubscription)>.Create(
        (a, b) => string.CompareOrdinal(a.Topic, b.Topic) is not 0 and var order ? order : a.IsSubscription.CompareTo(b.IsSubscription)));
    private volatile LinkProblems _current = LinkProblems.None;
    private TaskCompletionSource _anyRefused = Pending();

    /// <summary>The problems at present.</summary>
    public LinkProblems Current => _current;

    /// <summary>Notes that the broker refuses a topic for now.</summary>
    /// <returns>False where that was known, with the same reason.</returns>
    public bool Refuse(RefusedTopic topic)
    {
        var key = (topic.Topic, topic.IsSubscription);
        lock (_lock)
        {
            if (_refused.GetValueOrDefault(key) == topic.Reason)
                return false;
            _refused[key] = topic.Reason;
            _anyRefused.TrySetResult();
            ChangeRefused();
            return true;
        }
    }

    /// <summary>Notes that the broker has accepted a topic.</summary>
    /// <returns>False where it was not refused before.</returns>
    public bool Accept(string topic, bool isSubscription)
    {
        // Called for each message: nothing is refused on most days.
        if (_current.Refused.Count == 0)
            return false;
        lock (_lock)
        {
            if (!_refused.Remove((topic, isSubscription)))
                return false;
            ChangeRefused();
            return true;
        }
    }

    /// <summary>Counts a message that the broker can never accept.</summary>
    public void Drop(string topic, string reason)
    {
        lock (_lock)
            Change(_current with { Dropped = _current.Dropped + 1, LastDropped = new RefusedTopic(topic, false, reason) });
    }

    /// <summary>Notes whether another client uses this client's id.</summary>
    /// <param name="conflict">One sentence; null where none does.</param>
    public void SetConflict(string? conflict)
    {
        lock (_lock)
        {
            if (_current.ClientIdConflict != conflict)
                Change(_current with { ClientIdConflict = conflict });
        }
    }

    /// <summary>Notes that the connection has ended: the next one finds out anew what is refused.</summary>
    public void EndConnection()
    {
        lock (_lock)
        {
            if (_refused.Count == 0)
                return;
            _refused.Clear();
            ChangeRefused();
        }
    }

    /// <summary>Completes once any topic is refused.</summary>
    public Task WaitForRefusalAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return _anyRefused.Task.WaitAsync(cancellationToken);
    }

    private void ChangeRefused()
    {
        if (_refused.Count == 0)
            _anyRefused = Pending();
        Change(_current with { Refused = [.. _refused.Select(t => new RefusedTopic(t.Key.Topic, t.Key.IsSubscription, t.Value))] });
    }

    private void Change(LinkProblems problems)
    {
        _current = problems;
        changed(problems);
    }

    private static TaskCompletionSource Pending() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
