using System.Net;
using System.Runtime.InteropServices;

namespace MrfAd.Agent.Mqtt;

/// <summary>
/// The TLS settings of a connection of libmosquitto: its own cannot check for another name than the host it connects to.
/// The library is the one that libmosquitto and .NET use (OpenSSL 3); names and meanings: its man pages.
/// </summary>
internal static partial class OpenSsl
{
    private const string Ssl = "libssl.so.3";
    private const string Crypto = "libcrypto.so.3";
    private const int SetMinimumVersion = 123;
    private const int Tls12 = 0x0303;
    private const int Pem = 1;
    private const int VerifyPeer = 1;

    /// <returns>An SSL_CTX that checks the chain and the name of the broker's certificate; to be freed by the caller.</returns>
    /// <exception cref="MqttLinkException">A file cannot be used; the text names it.</exception>
    public static nint NewContext(TlsOptions tls, string host)
    {
        var context = NewContext(ClientMethod());
        try
        {
            ClearErrors();
            Check(Control(context, SetMinimumVersion, Tls12, 0), "TLS 1.2 cannot be used");
            Check(tls.CaFile is null ? UseSystemAuthorities(context) : UseAuthorities(context, tls.CaFile), $"the CA file '{tls.CaFile ?? "of the system"}' cannot be used");
            if (tls.CertificateFile is not null && tls.KeyFile is not null)
            {
                Check(UseCertificate(context, tls.CertificateFile), $"the certificate '{tls.CertificateFile}' cannot be used");
                Check(UseKey(context, tls.KeyFile, Pem), $"the key '{tls.KeyFile}' cannot be used with the certificate '{tls.CertificateFile}'");
            }

            var name = tls.ServerName ?? host;
            var wanted = Parameters(context);
            Check(IPAddress.TryParse(name, out _) ? WantAddress(wanted, name) : WantName(wanted, name, 0), $"the name '{name}' cannot be asked for");
            Verify(context, VerifyPeer, callback: 0);
            return context;
        }
        catch
        {
            Free(context);
            throw;
        }
    }

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_free")]
    public static partial void Free(nint context);

    private static void Check(nint success, string fault)
    {
        if (success == 1)
            return;
        var code = FirstError();
        throw new MqttLinkException(MqttFailure.NotConnected, $"{fault}: {(code == 0 ? "no reason given" : Marshal.PtrToStringUTF8(ReasonOf(code)) ?? $"error {code:x}")}");
    }

    [LibraryImport(Ssl, EntryPoint = "TLS_client_method")]
    private static partial nint ClientMethod();

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_new")]
    private static partial nint NewContext(nint method);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_ctrl")]
    private static partial nint Control(nint context, int command, nint number, nint pointer);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_default_verify_paths")]
    private static partial int UseSystemAuthorities(nint context);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_load_verify_file", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UseAuthorities(nint context, string file);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_use_certificate_chain_file", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UseCertificate(nint context, string file);

    /// <summary>Fails also where the key is not the certificate's.</summary>
    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_use_PrivateKey_file", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UseKey(nint context, string file, int type);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_verify")]
    private static partial void Verify(nint context, int mode, nint callback);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_get0_param")]
    private static partial nint Parameters(nint context);

    [LibraryImport(Crypto, EntryPoint = "X509_VERIFY_PARAM_set1_host", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int WantName(nint parameters, string name, nuint length);

    [LibraryImport(Crypto, EntryPoint = "X509_VERIFY_PARAM_set1_ip_asc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int WantAddress(nint parameters, string address);

    [LibraryImport(Crypto, EntryPoint = "ERR_clear_error")]
    private static partial void ClearErrors();

    [LibraryImport(Crypto, EntryPoint = "ERR_peek_error")]
    private static partial nuint FirstError();

    [LibraryImport(Crypto, EntryPoint = "ERR_reason_error_string")]
    private static partial nint ReasonOf(nuint error);
}
