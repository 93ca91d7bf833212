using System.Buffers.Binary;
using System.Text.Json;

namespace MrfAd.Station.Outbox;

/// <summary>The body of a message's record: the length of the headers in bytes (4 bytes, little-endian), the headers as JSON, then the payload.</summary>
public static class OutboxMessageBody
{
    public static byte[] Join(MessageHeaders headers, ReadOnlySpan<byte> content)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(headers, OutboxJson.Default.MessageHeaders);
        var body = new byte[sizeof(int) + head.Length + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(body, head.Length);
        head.CopyTo(body, sizeof(int));
        content.CopyTo(body.AsSpan(sizeof(int) + head.Length));
        return body;
    }

    /// <summary>Returns the headers of a body, as JSON.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The stored length does not fit the body.</exception>
    public static ReadOnlyMemory<byte> HeadersOf(ReadOnlyMemory<byte> body) => body.Slice(sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(body.Span));

    /// <summary>Returns the payload of a body.</summary>
    /// <inheritdoc cref="HeadersOf"/>
    public static ReadOnlyMemory<byte> ContentOf(ReadOnlyMemory<byte> body) => body[(sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian(body.Span))..];
}
