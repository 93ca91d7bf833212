using System.Collections.Concurrent;

namespace MrfAd.Onnx.Sessions;

/// <summary>The sessions of one encoder, by size of view, each loaded when it is first needed; loading one does not block the use of others. Thread-safe.</summary>
public sealed class LoadedGraphs : IDisposable
{
    private readonly ConcurrentDictionary<(int Width, int Height), Lazy<OnnxSession>> _sessions = [];

    /// <summary>The sessions that are loaded.</summary>
    public IEnumerable<((int Width, int Height) Size, OnnxSession Session)> All => _sessions.Where(s => s.Value.IsValueCreated).Select(s => (s.Key, s.Value.Value));

    public OnnxSession Get((int Width, int Height) size, Func<OnnxSession> load)
    {
        var session = _sessions.GetOrAdd(size, new Lazy<OnnxSession>(load));
        try
        {
            return session.Value;
        }
        catch
        {
            // Remove it, or the failed value would be returned for ever.
            _sessions.TryRemove(new(size, session));
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var (_, session) in All)
            session.Dispose();
    }
}
