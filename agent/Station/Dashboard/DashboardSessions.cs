using System.Collections.Concurrent;
using System.Security.Cryptography;
using MrfAd.Station.Keys;

namespace MrfAd.Station.Dashboard;

/// <summary>Who has shown the token. A session is a cookie that scripts cannot read, and a second value that only a page of ours can send. Thread-safe.</summary>
/// <param name="token">Null: there is none, and nobody can sign in.</param>
public sealed class DashboardSessions(AccessToken? token, TimeProvider clock)
{
    // A shift and some.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    // Wrong tokens in a minute, of all who try together.
    private const int MostFailures = 10;

    private readonly ConcurrentDictionary<string, (string Csrf, long Since)> _sessions = new(StringComparer.Ordinal);
    private readonly Queue<long> _failures = new();

    /// <summary>There is a token: who has it may change things.</summary>
    public bool CanSignIn => token is not null;

    /// <returns>The new session's id and its second value; null where the token is wrong.</returns>
    /// <exception cref="TooManyTriesException">There were too many wrong ones.</exception>
    public (string Id, string Csrf)? SignIn(string shown)
    {
        lock (_failures)
        {
            while (_failures.TryPeek(out var first) && clock.GetElapsedTime(first) > TimeSpan.FromMinutes(1))
                _failures.Dequeue();
            if (_failures.Count >= MostFailures)
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

    public void SignOut(string? id) => _sessions.TryRemove(id ?? "", out _);

    /// <returns>The session's second value; null where it is none, or too old.</returns>
    public string? CsrfOf(string? id) =>
        id is not null && _sessions.TryGetValue(id, out var session) && clock.GetElapsedTime(session.Since) <= Lifetime ? session.Csrf : null;
}
