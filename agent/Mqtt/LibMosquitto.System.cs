using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MrfAd.Agent.Mqtt;

/// <summary>libmosquitto 2.0 (Debian package libmosquitto1), as far as it is used here. Names and meanings: its man page, libmosquitto(3).</summary>
internal static unsafe partial class LibMosquitto
{
    public const int Success = 0;
    public const int NoConnection = 4;
    public const int Errno = 14;
    public const int Mqtt5 = 5;
    public const int Mqtt311 = 4;

    /// <summary>Of the log: something failed.</summary>
    public const int LogError = 8;

    /// <summary>From here on a reason code of MQTT 5 is a refusal.</summary>
    public const int FirstRefusal = 128;

    private const string Library = "libmosquitto.so.1";

    static LibMosquitto() => _ = Init();

    /// <exception cref="MqttLinkException">The library is not installed.</exception>
    public static void Load()
    {
        try
        {
            RuntimeHelpers.RunClassConstructor(typeof(LibMosquitto).TypeHandle);
        }
        catch (TypeInitializationException e)
        {
            throw new MqttLinkException(MqttFailure.NotConnected, $"{Library} cannot be loaded (Debian: install libmosquitto1): {e.InnerException?.Message}", e);
        }
    }

    public enum Option
    {
        ProtocolVersion = 1,
        SslContext = 2,
        SslContextWithDefaults = 3,
        TcpNoDelay = 11,
    }

    /// <summary>Property identifiers of MQTT 5, 2.2.2.2.</summary>
    public enum Property
    {
        MessageExpiryInterval = 2,
        ContentType = 3,
        ResponseTopic = 8,
        CorrelationData = 9,
        SessionExpiryInterval = 17,
        ReceiveMaximum = 33,
        UserProperty = 38,
        MaximumPacketSize = 39,
    }

    /// <param name="errno">Read directly after the call that failed.</param>
    public static string Describe(int code, int errno = 0) =>
        code == Errno ? Marshal.GetPInvokeErrorMessage(errno)
        : Marshal.PtrToStringUTF8(code >= FirstRefusal ? ReasonString(code) : ErrorString(code))!.TrimEnd('.');

    /// <param name="code">Why MQTT 3.1.1 refused the connection.</param>
    public static string DescribeRefusal(int code) => Marshal.PtrToStringUTF8(ConnackString(code))!.TrimEnd('.');

    [LibraryImport(Library, EntryPoint = "mosquitto_lib_init")]
    private static partial int Init();

    /// <param name="state">Comes back in every callback; a NULL would come back as the client itself.</param>
    [LibraryImport(Library, EntryPoint = "mosquitto_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint New(string? id, [MarshalAs(UnmanagedType.U1)] bool cleanSession, nint state);

    [LibraryImport(Library, EntryPoint = "mosquitto_destroy")]
    public static partial void Destroy(nint client);

    [LibraryImport(Library, EntryPoint = "mosquitto_int_option")]
    public static partial int SetOption(nint client, Option option, int value);

    /// <summary>Takes a share in what is handed over, where it is an SSL_CTX.</summary>
    [LibraryImport(Library, EntryPoint = "mosquitto_void_option")]
    public static partial int SetPointer(nint client, Option option, nint value);

    /// <summary>Publishing is allowed on any thread while one thread runs the loop.</summary>
    [LibraryImport(Library, EntryPoint = "mosquitto_threaded_set")]
    public static partial int SetThreaded(nint client, [MarshalAs(UnmanagedType.U1)] bool threaded);

    [LibraryImport(Library, EntryPoint = "mosquitto_username_pw_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetCredentials(nint client, string? username, string? password);

    /// <summary>Owns the properties from then on, if it succeeds.</summary>
    [LibraryImport(Library, EntryPoint = "mosquitto_will_set_v5", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetWill(nint client, string topic, int length, byte* payload, int qos, [MarshalAs(UnmanagedType.U1)] bool retain, nint properties);

    [LibraryImport(Library, EntryPoint = "mosquitto_connect_v5_callback_set")]
    public static partial void OnConnect(nint client, delegate* unmanaged<nint, nint, int, int, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_disconnect_v5_callback_set")]
    public static partial void OnDisconnect(nint client, delegate* unmanaged<nint, nint, int, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_publish_v5_callback_set")]
    public static partial void OnPublish(nint client, delegate* unmanaged<nint, nint, int, int, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_subscribe_v5_callback_set")]
    public static partial void OnSubscribe(nint client, delegate* unmanaged<nint, nint, int, int, int*, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_message_v5_callback_set")]
    public static partial void OnMessage(nint client, delegate* unmanaged<nint, nint, Message*, nint, void> callback);

    [LibraryImport(Library, EntryPoint = "mosquitto_log_callback_set")]
    public static partial void OnLog(nint client, delegate* unmanaged<nint, nint, int, nint, void> callback);

    /// <summary>Blocks until TCP is connected or has failed.</summary>
    [LibraryImport(Library, EntryPoint = "mosquitto_connect_bind_v5", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int Connect(nint client, string host, int port, int keepAliveSeconds, nint bindAddress, nint properties);

    [LibraryImport(Library, EntryPoint = "mosquitto_disconnect_v5")]
    public static partial int Disconnect(nint client, int reason, nint properties);

    /// <summary>Reads and writes what is ready, or waits for it.</summary>
    [LibraryImport(Library, EntryPoint = "mosquitto_loop", SetLastError = true)]
    public static partial int Loop(nint client, int timeoutMilliseconds, int maxPackets);

    [LibraryImport(Library, EntryPoint = "mosquitto_publish_v5", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Publish(nint client, out int id, string topic, int length, byte* payload, int qos, [MarshalAs(UnmanagedType.U1)] bool retain, nint properties);

    [LibraryImport(Library, EntryPoint = "mosquitto_subscribe_v5", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Subscribe(nint client, out int id, string filter, int qos, int options, nint properties);

    [LibraryImport(Library, EntryPoint = "mosquitto_property_add_int32")]
    public static partial int AddNumber(ref nint properties, Property property, uint value);

    [LibraryImport(Library, EntryPoint = "mosquitto_property_add_string", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddText(ref nint properties, Property property, string value);

    [LibraryImport(Library, EntryPoint = "mosquitto_property_add_binary")]
    public static partial int AddBytes(ref nint properties, Property property, byte* value, ushort length);

    [LibraryImport(Library, EntryPoint = "mosquitto_property_add_string_pair", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddPair(ref nint properties, Property property, string name, string value);

    /// <returns>The property found, or 0. The value is malloc'ed and the caller's.</returns>
    [LibraryImport(Library, EntryPoint = "mosquitto_property_read_int32")]
    public static partial nint ReadNumber(nint properties, Property property, out uint value, [MarshalAs(UnmanagedType.U1)] bool skipFirst);

    /// <inheritdoc cref="ReadNumber"/>
    [LibraryImport(Library, EntryPoint = "mosquitto_property_read_int16")]
    public static partial nint ReadShort(nint properties, Property property, out ushort value, [MarshalAs(UnmanagedType.U1)] bool skipFirst);

    /// <inheritdoc cref="ReadNumber"/>
    [LibraryImport(Library, EntryPoint = "mosquitto_property_read_string")]
    public static partial nint ReadText(nint properties, Property property, out nint value, [MarshalAs(UnmanagedType.U1)] bool skipFirst);

    /// <inheritdoc cref="ReadNumber"/>
    [LibraryImport(Library, EntryPoint = "mosquitto_property_read_binary")]
    public static partial nint ReadBytes(nint properties, Property property, out nint value, out ushort length, [MarshalAs(UnmanagedType.U1)] bool skipFirst);

    /// <inheritdoc cref="ReadNumber"/>
    [LibraryImport(Library, EntryPoint = "mosquitto_property_read_string_pair")]
    public static partial nint ReadPair(nint properties, Property property, out nint name, out nint value, [MarshalAs(UnmanagedType.U1)] bool skipFirst);

    [LibraryImport(Library, EntryPoint = "mosquitto_property_free_all")]
    public static partial void FreeProperties(ref nint properties);

    [LibraryImport(Library, EntryPoint = "mosquitto_strerror")]
    private static partial nint ErrorString(int code);

    [LibraryImport(Library, EntryPoint = "mosquitto_reason_string")]
    private static partial nint ReasonString(int code);

    [LibraryImport(Library, EntryPoint = "mosquitto_connack_string")]
    private static partial nint ConnackString(int code);

    [StructLayout(LayoutKind.Sequential)]
    public struct Message
    {
        public int Id;
        public nint Topic;
        public byte* Payload;
        public int PayloadLength;
        public int Qos;
        public byte Retain;
    }
}
