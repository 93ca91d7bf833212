using System.Net.Sockets;
using System.Security.Authentication;
using MQTTnet.Exceptions;
using MrfAd.Station.Options;

namespace MrfAd.Station.Mqtt;

/// <summary>Describes in one sentence why the connection to a broker failed.</summary>
internal static class ConnectFailure
{
    // TLS alerts by which a peer refuses a certificate, in the words of OpenSSL.
    private static readonly string[] Refusals = ["bad certificate", "unsupported certificate", "certificate revoked", "certificate expired", "certificate unknown", "unknown ca", "access denied", "decrypt error"];

    /// <param name="failure">The exception of the failed connection.</param>
    /// <param name="isTrusted">True where the broker's certificate was received and found valid before the failure.</param>
    public static string Describe(Exception failure, MqttOptions options, bool isTrusted)
    {
        var cause = failure.GetBaseException();
        return cause switch
        {
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } => $"the name '{options.Host}' cannot be resolved: {cause.Message}",
            // The broker may also have refused our certificate; its alert is lost where it closes while our first packet is on its way.
            SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.NotConnected or SocketError.Shutdown } => Closed(options, isTrusted),
            MqttProtocolViolationException => $"it does not speak MQTT: {cause.Message}{(options.Tls.Enabled ? "" : "; does it want TLS on this port (mqtt.tls.enabled)?")}",
            MqttCommunicationException => Closed(options, isTrusted),
            _ when options.Tls.Enabled => Tls(cause, options.Tls) ?? (cause is IOException && isTrusted ? Closed(options, isTrusted) : cause.Message),
            _ => cause.Message,
        };
    }

    private static string? Tls(Exception cause, TlsOptions tls)
    {
        var text = cause.Message;
        if (text.Contains("alert certificate required", StringComparison.Ordinal) || (tls.CertificateFile is null && text.Contains("alert handshake failure", StringComparison.Ordinal)))
            return "the broker wants a certificate from us (mqtt.tls.certificate_file)";
        if (text.Contains("alert", StringComparison.Ordinal) && Refusals.FirstOrDefault(alert => text.Contains(alert, StringComparison.Ordinal)) is { } refusal)
            return tls.CertificateFile is null ? $"the broker refuses us without a certificate: {refusal} (mqtt.tls.certificate_file)" : $"the broker refuses our certificate '{tls.CertificateFile}': {refusal}";
        if (text.Contains("unexpected EOF", StringComparison.Ordinal))
            return "the broker closed the connection during the TLS handshake: is this its port for TLS?";
        return text.Contains("frame", StringComparison.Ordinal) || text.Contains("wrong version number", StringComparison.Ordinal) || text.Contains("packet length", StringComparison.Ordinal)
            ? $"it does not speak TLS: {text}"
            : cause is AuthenticationException ? $"the TLS handshake failed: {text}" : null;
    }

    private static string Closed(MqttOptions options, bool isTrusted) => options.Tls switch
    {
        { Enabled: false } => "the broker closed the connection before it answered; does it want TLS on this port (mqtt.tls.enabled)?",
        _ when !isTrusted => "the broker closed the connection during the TLS handshake: is this its port for TLS?",
        { CertificateFile: null } => "the broker closed the connection after the TLS handshake; it may want a certificate from us (mqtt.tls.certificate_file)",
        { CertificateFile: var file } => $"the broker closed the connection after the TLS handshake; it may refuse our certificate '{file}'",
    };
}
