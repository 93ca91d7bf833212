using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace MrfAd.Station.Dashboard;

/// <summary>The sessions of those who have shown the token. A session is a cookie that scripts cannot read, and a CSRF token that only our page can send. Thread-safe.</summary>
public sealed class DashboardSessions(TimeProvider clock)
{
    // A work shift and some time more.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private readonly ConcurrentDictionary<string, (string Csrf, long Since)> _sessions = new(StringComparer.Ordinal);

    /// <summary>Opens a session for a client that has shown the token.</summary>
    /// <returns>The session's id and its CSRF token.</returns>
    public (string Id, string Csrf) Open()
    {
        foreach (var (old, session) in _sessions)
        {
            if (clock.GetElapsedTime(session.Since) > Lifetime)
                _sessions.TryRemove(old, out _);
        }

        var (id, csrf) = (RandomNumberGenerator.GetHexString(48, lowercase: true), RandomNumberGenerator.GetHexString(48, lowercase: true));
        _sessions[id] = (csrf, clock.GetTimestamp());
        return (id, csrf);
    }

    /// <summary>Ends a session, where there is one with this id.</summary>
    public void Close(string? id) => _sessions.TryRemove(id ?? "", out _);

    /// <returns>The CSRF token of a session; null where there is no such session, or it has expired.</returns>
    public string? CsrfOf(string? id) =>
        id is not null && _sessions.TryGetValue(id, out var session) && clock.GetElapsedTime(session.Since) <= Lifetime ? session.Csrf : null;
}
