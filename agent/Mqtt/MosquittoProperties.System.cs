using System.Runtime.InteropServices;

namespace MrfAd.Agent.Mqtt;

/// <summary>The properties of a message, to and from libmosquitto's lists.</summary>
internal static unsafe class MosquittoProperties
{
    /// <returns>A list to be freed by the caller; 0 where the message has none.</returns>
    /// <exception cref="MqttLinkException">A value is no valid UTF-8 or too long for MQTT (65,535 bytes).</exception>
    public static nint Write(MqttMessage message)
    {
        nint list = 0;
        try
        {
            if (message.ContentType is not null)
                Check(LibMosquitto.AddText(ref list, LibMosquitto.Property.ContentType, message.ContentType), "content type");
            if (message.ResponseTopic is not null)
                Check(LibMosquitto.AddText(ref list, LibMosquitto.Property.ResponseTopic, message.ResponseTopic), "response topic");
            if (message.ExpirySeconds is { } seconds)
                Check(LibMosquitto.AddNumber(ref list, LibMosquitto.Property.MessageExpiryInterval, seconds), "expiry");
            if (!message.CorrelationData.IsEmpty)
                AddCorrelationData(ref list, message.CorrelationData.Span);
            foreach (var (name, value) in message.UserProperties)
                Check(LibMosquitto.AddPair(ref list, LibMosquitto.Property.UserProperty, name, value), $"user property '{name}'");
            return list;
        }
        catch
        {
            LibMosquitto.FreeProperties(ref list);
            throw;
        }
    }

    /// <returns>The message with what the list says of it.</returns>
    public static MqttMessage Read(MqttMessage message, nint list) => message with
    {
        ContentType = ReadText(list, LibMosquitto.Property.ContentType),
        ResponseTopic = ReadText(list, LibMosquitto.Property.ResponseTopic),
        CorrelationData = ReadBytes(list, LibMosquitto.Property.CorrelationData),
        Expiry = LibMosquitto.ReadNumber(list, LibMosquitto.Property.MessageExpiryInterval, out var seconds, false) == 0 ? null : TimeSpan.FromSeconds(seconds),
        UserProperties = ReadPairs(list),
    };

    private static void AddCorrelationData(ref nint list, ReadOnlySpan<byte> data)
    {
        if (data.Length > ushort.MaxValue)
            throw new MqttLinkException(MqttFailure.Refused, $"its correlation data has {data.Length} bytes; MQTT takes {ushort.MaxValue}");
        fixed (byte* bytes = data)
            Check(LibMosquitto.AddBytes(ref list, LibMosquitto.Property.CorrelationData, bytes, (ushort)data.Length), "correlation data");
    }

    private static void Check(int code, string what)
    {
        if (code != LibMosquitto.Success)
            throw new MqttLinkException(MqttFailure.Refused, $"its {what} cannot be sent: {LibMosquitto.Describe(code)}");
    }

    private static string? ReadText(nint list, LibMosquitto.Property property) =>
        LibMosquitto.ReadText(list, property, out var value, false) == 0 ? null : Take(value);

    private static byte[] ReadBytes(nint list, LibMosquitto.Property property)
    {
        if (LibMosquitto.ReadBytes(list, property, out var value, out var length, false) == 0)
            return [];
        var bytes = new ReadOnlySpan<byte>((void*)value, length).ToArray();
        NativeMemory.Free((void*)value);
        return bytes;
    }

    private static List<KeyValuePair<string, string>> ReadPairs(nint list)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        var at = LibMosquitto.ReadPair(list, LibMosquitto.Property.UserProperty, out var name, out var value, skipFirst: false);
        while (at != 0)
        {
            pairs.Add(new(Take(name), Take(value)));
            at = LibMosquitto.ReadPair(at, LibMosquitto.Property.UserProperty, out name, out value, skipFirst: true);
        }

        return pairs;
    }

    private static string Take(nint text)
    {
        var taken = Marshal.PtrToStringUTF8(text) ?? "";
        NativeMemory.Free((void*)text);
        return taken;
    }
}
