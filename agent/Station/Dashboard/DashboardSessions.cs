using System.Collections.Concurrent;
using System.Security.Cryptography;
using MrfAd.Station.Keys;

namespace MrfAd.Station.Dashboard;

/// <summary>The sessions of those who have shown the token. A session is a cookie that scripts cannot read, and a CSRF token that only our page can send. Thread-safe.</summary>
/// <param name="token">The access token; null where there is none, and nobody can sign in.</param>
public sealed class DashboardSessions(AccessToken? token, TimeProvider clock)
{
    // A work shift and some time more.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    // The maximum number of wrong tokens in a minute, counted over all clients.
    private const int MaxFailures = 10;

    private readonly ConcurrentDictionary<string, (string Csrf, long Since)> _sessions = new(StringComparer.Ordinal);
    private readonly Queue<long> _failures = new();

    /// <summary>Returns true where there is a token, with which one can sign in.</summary>
    public bool CanSignIn => token is not null;

    /// <returns>The new session's id and its CSRF token; null where the access token is wrong.</returns>
    /// <exception cref="TooManyTriesException">There were too many wrong tokens within a minute.</exception>
    public (string Id, string Csrf)? SignIn(string shown)
    {
        lock (_failures)
        {
            while (_failures.TryPeek(out var first) && clock.GetElapsedTime(first) > TimeSpan.FromMinutes(1))
                _failures.Dequeue();
            if (_failures.Count >= MaxFailures)
                throw new TooManyTriesException();
            if (token?.Is(shown) != true)
            {
                _failures.Enqueue(clock.GetTimestamp());
                return null;
            }
        }

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
    public void SignOut(string? id) => _sessions.TryRemove(id ?? "", out _);

    /// <returns>The CSRF token of a session; null where there is no such session, or it has expired.</returns>
    public string? CsrfOf(string? id) =>
        id is not null && _sessions.TryGetValue(id, out var session) && clock.GetElapsedTime(session.Since) <= Lifetime ? session.Csrf : null;
}
