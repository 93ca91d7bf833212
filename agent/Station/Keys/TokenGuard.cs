using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Keys;

/// <summary>
/// Compares the tokens that clients show with the right one, and slows down a client that has shown many wrong ones: its next tries wait, and only a few
/// may wait at a time. Other clients notice nothing, and the right token is accepted from anywhere. Thread-safe.
/// </summary>
/// <param name="token">The right token; null where there is none, and none is accepted.</param>
/// <param name="endpoint">The endpoint that asks for the token, as metrics and the log name it.</param>
public sealed partial class TokenGuard(AccessToken? token, string endpoint, MrfAdMeter meter, TimeProvider clock, ILogger<TokenGuard> log)
{
    /// <summary>The maximum number of wrong tokens of one client in <see cref="Window"/> before its tries wait.</summary>
    public const int MaxFailures = 10;

    /// <summary>The maximum number of tries of one client that wait; further ones are refused without a look at their token.</summary>
    public const int MaxWaiting = 3;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>The time for which a try of a client with too many failures waits: 3 guesses a second are 10^8 in a year.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    // The clients whose failures are remembered; beyond it the one that came first is forgotten.
    private const int MaxClients = 1024;

    private readonly Dictionary<IPAddress, Client> _clients = [];
    private readonly Queue<IPAddress> _order = new();

    /// <summary>Makes the guard of an endpoint.</summary>
    /// <param name="tokenFile">The file that holds the token; null where there is none.</param>
    /// <exception cref="IOException">The file cannot be read, or its token is too short; the text names it.</exception>
    public static TokenGuard Open(IServiceProvider services, string? tokenFile, string endpoint) => new(
        AccessToken.Open(tokenFile), endpoint, services.GetRequiredService<MrfAdMeter>(), services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<TokenGuard>>());

    /// <summary>Returns true where there is a token.</summary>
    public bool HasToken => token is not null;

    /// <summary>Compares a token that a client has shown with the right one.</summary>
    /// <param name="address">The client's address; null where it has none, as in a test without a network.</param>
    /// <exception cref="TooManyTriesException">The client has shown too many wrong tokens, and as many of its tries wait as may wait.</exception>
    public async Task<bool> AcceptsAsync(string shown, IPAddress? address, CancellationToken cancellationToken)
    {
        var client = Of(address);
        if (client.Failures(clock, Window) >= MaxFailures)
            await WaitAsync(client, cancellationToken);
        if (token?.Is(shown) == true)
            return true;
        client.AddFailure(clock);
        meter.WrongToken(endpoint);
        LogWrong(endpoint, address);
        return false;
    }

    private async Task WaitAsync(Client client, CancellationToken cancellationToken)
    {
        if (!client.TryWait(MaxWaiting))
        {
            meter.WrongToken(endpoint);
            throw new TooManyTriesException();
        }

        try
        {
            await Task.Delay(Delay, clock, cancellationToken);
        }
        finally
        {
            client.EndWait();
        }
    }

    private Client Of(IPAddress? address)
    {
        var network = Network(address ?? IPAddress.None);
        lock (_clients)
        {
            if (_clients.TryGetValue(network, out var known))
                return known;
            if (_order.Count == MaxClients)
                _clients.Remove(_order.Dequeue());
            _order.Enqueue(network);
            return _clients[network] = new Client();
        }
    }

    /// <summary>Returns the address that stands for a client: for IPv6 its network, because a client has 2^64 addresses there.</summary>
    private static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        return bytes.Length == 16 ? new IPAddress([.. bytes[..8], .. new byte[8]]) : address;
    }

    [LoggerMessage(461, LogLevel.Warning, "A wrong token was shown to {Endpoint} by {Client}")]
    private partial void LogWrong(string endpoint, IPAddress? client);

    /// <summary>The recent failures of one client, and how many of its tries wait.</summary>
    private sealed class Client
    {
        private readonly Queue<long> _failures = new();
        private int _waiting;

        public int Failures(TimeProvider clock, TimeSpan window)
        {
            lock (_failures)
            {
                while (_failures.TryPeek(out var first) && clock.GetElapsedTime(first) > window)
                    _failures.Dequeue();
                return _failures.Count;
            }
        }

        public void AddFailure(TimeProvider clock)
        {
            lock (_failures)
            {
                if (_failures.Count == MaxFailures)
                    _failures.Dequeue();
                _failures.Enqueue(clock.GetTimestamp());
            }
        }

        public bool TryWait(int max)
        {
            lock (_failures)
            {
                if (_waiting == max)
                    return false;
                _waiting++;
                return true;
            }
        }

        public void EndWait()
        {
            lock (_failures)
                _waiting--;
        }
    }
}
