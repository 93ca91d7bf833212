using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Keys;
using MrfAd.Station.Options;

namespace MrfAd.Station.Control;

/// <summary>
/// Verifies signed commands. Their payload is a <see cref="SignedCommand"/>, its signature ECDSA P-256 with SHA-256 in DER (as made by
/// <c>openssl dgst -sha256 -sign</c>) over the lines "mrfad-command/1", station's topic root, command, key, at, nonce, body. Each is accepted once, only while it is fresh, and only by
/// the run of the station in which it was signed.
/// </summary>
public sealed class CommandVerifier
{
    // Used commands are remembered by their number, not for a time: a clock that is put back would make an old one fresh again. Only who has a key adds one.
    private const int MaxRemembered = 10_000;

    private readonly ControlOptions _options;
    private readonly TrustedKeys _keys;
    private readonly ConcurrentDictionary<string, byte> _used = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();
    private readonly string _root;
    private readonly TimeProvider _clock;
    private readonly long _start;

    /// <exception cref="IOException">A key file cannot be read, or holds no public key of P-256; the text names it.</exception>
    public CommandVerifier(ControlOptions options, StationTopics topics, TimeProvider clock)
    {
        (_options, _root, _clock, _start) = (options, topics.Root, clock, clock.GetTimestamp());
        _keys = new TrustedKeys(options.TrustedKeys, clock);
    }

    /// <summary>Returns the bytes that are signed.</summary>
    public static byte[] SignedText(string root, string command, SignedCommand content) =>
        Encoding.UTF8.GetBytes(string.Join('\n', "mrfad-command/1", root, command, content.Key, content.At.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", null), content.Nonce, content.Body));

    /// <summary>Verifies a command.</summary>
    /// <returns>The command's own payload and the id of the key that signed it; the id is null where it is not signed and need not be.</returns>
    /// <exception cref="CommandException">The command must be signed and is not, or its signature is not that of a trusted key, is not fresh, or was used before.</exception>
    public (ReadOnlyMemory<byte> Payload, string? Signer) Open(string command, CommandKind kind, ReadOnlyMemory<byte> payload)
    {
        var mustBeSigned = kind == CommandKind.Change ? !_options.AllowUnsigned : _options.AlsoSigned.Contains(kind);
        if (mustBeSigned && _keys.Count == 0)
            throw Refusal($"'{command}' changes how parts are judged and must be signed: want a key in control.trusted_keys, or control.allow_unsigned");
        if (_keys.Count == 0 || (!mustBeSigned && !IsSigned(payload)))
            return (payload, null);
        var signed = Read(payload);
        if (signed.Nonce.Contains('\n'))
            throw Refusal("its nonce has a line feed: the signed text could be cut in two ways, and be used twice");
        if (_keys.Refuse(signed.Key, SignedText(_root, command, signed), signed.Signature) is { } refusal)
            throw Refusal(refusal);

        var now = _clock.GetUtcNow();
        if ((now - signed.At).Duration() > _options.SignatureFreshFor)
            throw new CommandException(CommandErrorCode.Expired, $"it was signed at {signed.At:O}, here it is {now:O}: want at most {_options.SignatureFreshFor.TotalSeconds:0} s between them");
        // Commands used before this start are not remembered.
        if (now - signed.At > _clock.GetElapsedTime(_start))
            throw new CommandException(CommandErrorCode.Expired, $"it was signed at {signed.At:O}, before this station started: send it again");
        if (!TryUse($"{signed.Key} {signed.Nonce}"))
            throw Refusal("this signed command has been used before");
        return (Encoding.UTF8.GetBytes(signed.Body), signed.Key);
    }

    /// <returns>False where the command has been used before.</returns>
    private bool TryUse(string command)
    {
        if (!_used.TryAdd(command, default))
            return false;
        _order.Enqueue(command);
        if (_order.Count > MaxRemembered && _order.TryDequeue(out var oldest))
            _used.TryRemove(oldest, out _);
        return true;
    }

    private static bool IsSigned(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload.Span, MessageJson.Default.SignedCommand) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static SignedCommand Read(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload.Span, MessageJson.Default.SignedCommand) ?? throw Refusal("want a signed command, got null");
        }
        catch (JsonException e)
        {
            throw new CommandException(CommandErrorCode.NotAuthorized, $"it must be signed: {e.Message}", e);
        }
    }

    private static CommandException Refusal(string why) => new(CommandErrorCode.NotAuthorized, why);
}
