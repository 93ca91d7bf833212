namespace MrfAd.Station.Outbox;

/// <summary>The messages of one topic that wait for the broker: the first ones in memory, those behind them in the database.</summary>
internal sealed class TopicQueue
{
    /// <summary>Maximum number of messages in memory, some 400 kB of verdicts.</summary>
    public const int MaxLoaded = 256;

    /// <summary>The first messages, in order; those that are being sent included.</summary>
    public List<OutboxMessage> Loaded { get; } = [];

    /// <summary>No message up to this number waits behind the loaded ones.</summary>
    public long LoadedTo { get; private set; }

    /// <summary>The number of the topic's last message.</summary>
    public long Last { get; private set; }

    /// <summary>Returns true where the message with that number waits, as far as is known in memory; where the number is null, where any does.</summary>
    public bool Has(long? number) => Loaded.Exists(m => (number ?? m.Number) == m.Number) || ((number ?? Last) > LoadedTo && LoadedTo < Last);

    /// <summary>Adds a new message, which stays in memory where all before it are.</summary>
    public void Add(OutboxMessage message)
    {
        if (LoadedTo >= Last && Loaded.Count < MaxLoaded)
        {
            Loaded.Add(message);
            LoadedTo = message.Number;
        }

        Last = message.Number;
    }

    /// <summary>Adds messages that were read; up to that number there are no others.</summary>
    public void Add(IEnumerable<OutboxMessage> messages, long upTo)
    {
        Loaded.AddRange(messages.Where(m => m.Number > LoadedTo));
        LoadedTo = Math.Max(LoadedTo, upTo);
    }

    /// <summary>Announces that messages up to this number wait in the database.</summary>
    public void Reach(long last) => Last = Math.Max(Last, last);
}
