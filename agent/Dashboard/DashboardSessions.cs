using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace MrfAd.Agent.Dashboard;

/// <summary>Who has shown the token. A session is a cookie that scripts cannot read, and a second value that only a page of ours can send. Thread-safe.</summary>
public sealed class DashboardSessions
{
    // A shift and some.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    // Wrong tokens in a minute, of all who try together.
    private const int MostFailures = 10;

    private readonly ConcurrentDictionary<string, (string Csrf, long Since)> _sessions = new(StringComparer.Ordinal);
    private readonly Queue<long> _failures = new();
    private readonly byte[]? _token;
    private readonly TimeProvider _clock;

    /// <exception cref="IOException">The token's file cannot be read, or holds fewer than 16 characters; the text names it.</exception>
    public DashboardSessions(string? tokenFile, TimeProvider clock)
    {
        _clock = clock;
        if (tokenFile is null)
            return;
        var token = File.ReadAllText(tokenFile).Trim();
        if (token.Length < 16)
            throw new IOException($"{tokenFile}: want a token of 16 characters or more, got {token.Length}");
        _token = SHA256.HashData(Encoding.UTF8.GetBytes(token));
    }

    /// <summary>There is a token: who has it may change things.</summary>
    public bool CanSignIn => _token is not null;

    /// <returns>The new session's id and its second value; null where the token is wrong.</returns>
    /// <exception cref="TooManyTriesException">There were too many wrong ones.</exception>
    public (string Id, string Csrf)? SignIn(string token)
    {
        lock (_failures)
        {
            while (_failures.TryPeek(out var first) && _clock.GetElapsedTime(first) > TimeSpan.FromMinutes(1))
                _failures.Dequeue();
            if (_failures.Count >= MostFailures)
                throw new TooManyTriesException();
            if (_token is null || !CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), _token))
            {
                _failures.Enqueue(_clock.GetTimestamp());
                return null;
            }
        }

        foreach (var (old, session) in _sessions)
        {
            if (_clock.GetElapsedTime(session.Since) > Lifetime)
                _sessions.TryRemove(old, out _);
        }

        var (id, csrf) = (RandomNumberGenerator.GetHexString(48, lowercase: true), RandomNumberGenerator.GetHexString(48, lowercase: true));
        _sessions[id] = (csrf, _clock.GetTimestamp());
        return (id, csrf);
    }

    public void SignOut(string? id) => _sessions.TryRemove(id ?? "", out _);

    /// <returns>The session's second value; null where it is none, or too old.</returns>
    public string? CsrfOf(string? id) =>
        id is not null && _sessions.TryGetValue(id, out var session) && _clock.GetElapsedTime(session.Since) <= Lifetime ? session.Csrf : null;
}
