using System.Buffers.Binary;
using System.Text.Json;

namespace MrfAd.Station.Outbox;

/// <summary>The body of a letter's record: the length of its label, the label as JSON, the payload.</summary>
public static class OutboxMessageBody
{
    public static byte[] Join(Label label, ReadOnlySpan<byte> content)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(label, OutboxJson.Default.Label);
        var body = new byte[sizeof(int) + head.Length + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(body, head.Length);
        head.CopyTo(body, sizeof(int));
        content.CopyTo(body.AsSpan(sizeof(int) + head.Length));
        return body;
    }

    /// <exception cref="ArgumentOutOfRangeException">The length does not fit the body.</exception>
    public static ReadOnlyMemory<byte> LabelOf(ReadOnlyMemory<byte> body) => body.Slice(sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(body.Span));

    /// <inheritdoc cref="LabelOf"/>
    public static ReadOnlyMemory<byte> ContentOf(ReadOnlyMemory<byte> body) => body[(sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian(body.Span))..];
}
