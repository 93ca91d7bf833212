using System.Net;
using System.Net.Sockets;
using System.Text;
using MrfAd.Station.Mqtt;

namespace MrfAd.Integration.Tests.Attacks;

/// <content>What the attacker does by HTTP.</content>
public sealed partial class AttackedStation
{
    /// <summary>Uploads an image, which must be judged.</summary>
    internal async Task<MqttMessage> UploadAsync(byte[] image, string? id = null)
    {
        using var content = new ByteArrayContent(image);
        using var response = await Http.PostAsync(new Uri(Url, $"inspect?id={id ?? NextId()}"), content).WaitAsync(Timeout);
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.StatusCode}: {Encoding.UTF8.GetString(body)}");
        return new MqttMessage("upload", body);
    }

    /// <returns>The status and the text of the answer.</returns>
    internal async Task<string> SendAsync(HttpMethod method, string path, HttpContent? content = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(Url, path)) { Content = content };
        change?.Invoke(request);
        using var response = await Http.SendAsync(request).WaitAsync(Timeout);
        return FormattableString.Invariant($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>Sends bytes as they are over a connection of their own.</summary>
    /// <returns>The first line of the answer, or "closed" where there is none.</returns>
    internal async Task<string> RawAsync(byte[] request)
    {
        using var socket = await ConnectAsync();
        try
        {
            await socket.SendAsync(request).WaitAsync(Timeout);
        }
        catch (SocketException)
        {
            // Refused before all was sent; the answer is there all the same.
        }

        return await AnswerAsync(socket);
    }

    internal Task<string> RawAsync(string request) => RawAsync(Encoding.Latin1.GetBytes(request));

    internal async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Url.Port).WaitAsync(Timeout);
        return socket;
    }

    internal static async Task<string> AnswerAsync(Socket socket)
    {
        var answer = new byte[4096];
        var length = 0;
        try
        {
            while (length < answer.Length && !answer.AsSpan(0, length).Contains((byte)'\n') && await socket.ReceiveAsync(answer.AsMemory(length)).AsTask().WaitAsync(Timeout) is > 0 and var more)
                length += more;
        }
        catch (SocketException)
        {
            // Reset by the station.
        }

        return length == 0 ? "closed" : Encoding.Latin1.GetString(answer, 0, length).Split('\r')[0];
    }
}
