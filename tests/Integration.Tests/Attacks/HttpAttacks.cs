using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using MrfAd.Testing;
using static MrfAd.Integration.Tests.Attacks.AttackedStation;

namespace MrfAd.Integration.Tests.Attacks;

/// <summary>Attacks of whoever reaches the station's port, and of a web page in a browser that does.</summary>
internal static class HttpAttacks
{
    private const string Host = "Host: 127.0.0.1\r\n";
    private const string Bearer = $"Authorization: Bearer {Token}\r\n";
    private static readonly Guid Nobody = new("01234567-89ab-7cde-8f01-23456789abcd");

    public static IReadOnlyList<Attack> All { get; } =
    [
        // Pages of other sites
        new("a page whose name leads here", "421", s => s.SendAsync(HttpMethod.Get, "api/station", change: r => r.Headers.Host = "evil.example")),
        new("an upload by a page whose name leads here", "421", s => s.SendAsync(HttpMethod.Post, "inspect", Image(s), r => r.Headers.Host = "evil.example:9464")),
        new("a host of 8,000 characters", "421", s => s.RawAsync($"GET /api/station HTTP/1.1\r\nHost: {Times("a", 8000)}\r\n\r\n")),
        new("an upload by a page of another site", "403", s => s.SendAsync(HttpMethod.Post, "inspect", Image(s), r => r.Headers.Add("Origin", "https://evil.example"))),
        new("an upload by a page of another port", "403", s => s.SendAsync(HttpMethod.Post, "inspect", Image(s), r => r.Headers.Add("Origin", "http://127.0.0.1:1"))),
        new("an upload by a page without an origin of its own", "403", s => s.SendAsync(HttpMethod.Post, "inspect", Image(s), r => r.Headers.Add("Origin", "null"))),
        new("a browser's question whether another site may write", "no permission", CrossOriginQuestionAsync),
        new("a command with the session's cookie alone", "403", s => CommandAsync(s, csrf: null)),
        new("a command with the session's cookie and a guessed value", "403", s => CommandAsync(s, csrf: new string('0', 48))),
        new("a WebSocket from another site", "404", s => s.RawAsync($"GET /api/plant/events2 HTTP/1.1\r\n{Host}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")),

        // Tokens and sessions
        new("an upload without a token", "401", s => s.RawAsync($"POST /inspect HTTP/1.1\r\n{Host}Content-Length: 0\r\n\r\n")),
        new("an upload with a wrong token", "401", s => s.SendAsync(HttpMethod.Post, "inspect", Image(s), r => r.Headers.Authorization = new("Bearer", "a token of the stations"))),
        new("an upload with the beginning of the token", "401", s => s.SendAsync(HttpMethod.Post, "inspect", Image(s), r => r.Headers.Authorization = new("Bearer", Token[..^1]))),
        new("an upload with the token as a password", "401", s => s.SendAsync(HttpMethod.Post, "inspect", Image(s), r => r.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"x:{Token}"))))),
        new("a token in the address", "401", s => s.RawAsync($"POST /inspect?token={Uri.EscapeDataString(Token)} HTTP/1.1\r\n{Host}Content-Length: 0\r\n\r\n")),
        new("a command without a session", "401", s => s.SendAsync(HttpMethod.Post, "api/commands/threshold", Text("""{"threshold":30}"""))),
        new("a command with a guessed session", "401", s => s.SendAsync(HttpMethod.Post, "api/commands/threshold", Text("""{"threshold":30}"""), r => r.Headers.Add("Cookie", "mrfad_session=" + new string('0', 48)))),
        new("a command with the token in place of a session", "401", s => s.SendAsync(HttpMethod.Post, "api/commands/rollback", Text(""), r => r.Headers.Authorization = new("Bearer", Token))),
        new("a label without a session", "401", s => s.SendAsync(HttpMethod.Post, "api/review/labels", JsonContent.Create(new { verdict = Nobody, label = "good", by = "x", queue = "ng" }))),
        new("a wrong token to sign in", "401", s => s.SendAsync(HttpMethod.Post, "api/sign-in", Text("""{"token":"guess"}"""))),
        new("20 MB to sign in", "413", s => s.SendAsync(HttpMethod.Post, "api/sign-in", new ByteArrayContent(new byte[20_000_000]))),
        new("a body without an end to sign in", "413", s => s.RawAsync([.. Encoding.ASCII.GetBytes($"POST /api/sign-in HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\n100000\r\n"), .. Encoding.ASCII.GetBytes(Times(" ", 0x100000))])),
        new("100,000 brackets to sign in", "413", s => s.SendAsync(HttpMethod.Post, "api/sign-in", Text(Times("[", 100_000)))),
        new("a deep object to sign in", "400", s => s.SendAsync(HttpMethod.Post, "api/sign-in", Text(Times("{\"a\":", 700)))),
        new("a token twice to sign in", "400", s => s.SendAsync(HttpMethod.Post, "api/sign-in", Text($$"""{"token":"x","token":"{{Token}}"}"""))),
        new("30 guessed tokens at once", "429, then 200", GuessAsync),

        // Uploads
        new("a text as an upload", "415", s => UploadAsync(s, Text("not a picture"))),
        new("a script as an upload", "415", s => UploadAsync(s, Text("#!/bin/sh\nrm -rf /\n"))),
        new("a PDF as an upload", "415", s => UploadAsync(s, new ByteArrayContent("%PDF-1.7\n"u8.ToArray()))),
        new("a program as an upload", "INVALID", s => UploadAsync(s, new ByteArrayContent([0x7F, .. "ELF"u8, 2, 1, 1, .. new byte[100]]))),
        new("a ZIP bomb as an upload", "415", s => UploadAsync(s, new ByteArrayContent([.. "PK\u0003\u0004"u8, .. new byte[2000]]))),
        new("a form as an upload", "415", s => UploadAsync(s, new MultipartFormDataContent { { new ByteArrayContent(s.GoodPart), "file", "part.png" } })),
        new("a compressed upload", "415", CompressedAsync),
        new("an image bomb as an upload", "INVALID", s => UploadAsync(s, new ByteArrayContent(Testing.ImageBombs.Make("png-profile")))),
        new("a part of another size as an upload", "INVALID", OtherSizeAsync),
        new("a truncated upload", "INVALID", s => UploadAsync(s, new ByteArrayContent(s.GoodPart[..^2000]))),
        new("an upload of 65 MB", "413", s => UploadAsync(s, new ByteArrayContent(new byte[65_000_000]))),
        new("an upload that says it has 5 GB", "413", s => s.RawAsync($"POST /inspect HTTP/1.1\r\n{Host}{Bearer}Content-Length: 5000000000\r\n\r\nx")),
        new("an upload of a length below zero", "400", s => s.RawAsync($"POST /inspect HTTP/1.1\r\n{Host}{Bearer}Content-Length: -1\r\n\r\n")),
        new("an upload of two lengths", "400", s => s.RawAsync($"POST /inspect HTTP/1.1\r\n{Host}{Bearer}Content-Length: 4\r\nContent-Length: 40\r\n\r\nabcd")),
        new("an id with a line feed", "400", s => s.SendAsync(HttpMethod.Post, "inspect?id=a%0aNG", Image(s))),
        new("an id with NUL", "400", s => s.SendAsync(HttpMethod.Post, "inspect?id=%00", Image(s))),
        new("an id of 201 characters", "400", s => s.SendAsync(HttpMethod.Post, $"inspect?id={Times("x", 201)}", Image(s))),
        new("a camera that does not exist", "404", s => s.SendAsync(HttpMethod.Post, "inspect?camera=..%2fline", Image(s))),
        new("an upload for the camera of the line", "404", s => s.SendAsync(HttpMethod.Post, "inspect?camera=line", Image(s))),
        new("a defective part under the id of a good one", "409", UploadTwiceAsync),
        new("60 uploads at once", "each one verdict or 429", ManyUploadsAsync),
        new("8 uploads that stop in the middle", "the next is judged", SlowUploadsAsync),

        // Addresses
        new("a way out of the folder of files", "404", s => s.RawAsync($"GET /../../../../etc/passwd HTTP/1.1\r\n{Host}\r\n")),
        new("an encoded way out", "404", s => s.RawAsync($"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n{Host}\r\n")),
        new("a way out in the address of a picture", "404", s => s.RawAsync($"GET /api/results/{Nobody}/pictures/..%2f..%2f..%2fstation.json HTTP/1.1\r\n{Host}\r\n")),
        new("a way out in the id of a picture", "404", s => s.RawAsync($"GET /api/pictures/..%2f..%2ftoken/frame HTTP/1.1\r\n{Host}\r\n")),
        new("a NUL in the address of a picture", "400", s => s.RawAsync($"GET /api/results/{Nobody}/pictures/frame%00.png HTTP/1.1\r\n{Host}\r\n")),
        new("SQL in a filter", "\"verdicts\":[]", s => s.SendAsync(HttpMethod.Get, "api/results?trigger=" + Uri.EscapeDataString("' OR 1=1; DROP TABLE verdicts; --"))),
        new("SQL wildcards in a filter", "\"verdicts\":[]", s => s.SendAsync(HttpMethod.Get, "api/results?serial=%25")),
        new("a cursor of garbage", "400", s => s.SendAsync(HttpMethod.Get, "api/results?before=9223372036854775808.x")),
        new("a page of a million", "400", s => s.SendAsync(HttpMethod.Get, "api/results?limit=1000000")),
        new("a time that does not exist", "400", s => s.SendAsync(HttpMethod.Get, "api/results?from=9999-99-99")),
        new("a score that is no number", "400", s => s.SendAsync(HttpMethod.Get, "api/results?score_min=NaN")),
        new("an export to a path", "400", s => s.SendAsync(HttpMethod.Get, "api/results/export?format=../../x")),
        new("8 exports at once", "8 of 8", ManyExportsAsync),

        // The protocol
        new("methods that nobody serves", "405", OddMethodsAsync),
        new("a method that does not exist", "405", s => s.RawAsync($"BREW /inspect HTTP/1.1\r\n{Host}\r\n")),
        new("2,000 headers", "431", s => s.RawAsync($"GET /healthz HTTP/1.1\r\n{Host}{string.Concat(Enumerable.Range(0, 2000).Select(i => $"X-{i}: x\r\n"))}\r\n")),
        new("a header of 1 MB", "431", s => s.RawAsync($"GET /healthz HTTP/1.1\r\n{Host}X: {Times("x", 1_000_000)}\r\n\r\n")),
        new("an address of 100 kB", "414", s => s.RawAsync($"GET /{Times("a", 100_000)} HTTP/1.1\r\n{Host}\r\n")),
        new("a line feed in a header", "400", s => s.RawAsync($"GET /healthz HTTP/1.1\r\n{Host}X: a\0b\r\n\r\n")),
        new("no host", "400", s => s.RawAsync("GET /healthz HTTP/1.1\r\n\r\n")),
        new("a version that does not exist", "505", s => s.RawAsync($"GET /healthz HTTP/9.9\r\n{Host}\r\n")),
        new("another protocol", "400", s => s.RawAsync([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03, .. RandomNumberGenerator.GetBytes(500), (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n'])),
        new("a chunk whose size is no number", "400", s => s.RawAsync($"POST /inspect HTTP/1.1\r\n{Host}{Bearer}Transfer-Encoding: chunked\r\n\r\nzz\r\n")),
        new("200 connections that say nothing", "200", IdleConnectionsAsync),
        new("60 pages that listen and never read", "200", HeldEventsAsync),
        new("60 pages of the plant that listen and never read", "200", HeldPlantEventsAsync),
    ];

    private static ByteArrayContent Image(AttackedStation s) => new(s.GoodPart);

    private static StringContent Text(string text) => new(text);

    private static Task<string> UploadAsync(AttackedStation s, HttpContent content) => s.SendAsync(HttpMethod.Post, $"inspect?id={s.NextId()}", content);

    private static async Task<(string Cookie, HttpResponseMessage Answer)> SignInAsync(AttackedStation s)
    {
        var answer = await s.Http.PostAsJsonAsync(new Uri(s.Url, "api/sign-in"), new { token = Token });
        return (answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0], answer);
    }

    private static async Task<string> CommandAsync(AttackedStation s, string? csrf)
    {
        var (cookie, answer) = await SignInAsync(s);
        answer.Dispose();
        return await s.SendAsync(HttpMethod.Post, "api/commands/threshold", Text("""{"threshold":30}"""), request =>
        {
            request.Headers.Add("Cookie", cookie);
            if (csrf is not null)
                request.Headers.Add("X-Csrf-Token", csrf);
        });
    }

    private static async Task<string> CrossOriginQuestionAsync(AttackedStation s)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, new Uri(s.Url, "inspect"));
        request.Headers.Add("Origin", "https://evil.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        using var answer = await s.Http.SendAsync(request);
        return answer.Headers.Any(h => h.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)) ? "allowed" : "no permission";
    }

    private static async Task<string> GuessAsync(AttackedStation s)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => s.SendAsync(HttpMethod.Post, "api/sign-in", Text($$"""{"token":"guess {{i}}"}"""))));
        var slowed = answers.Any(a => a.StartsWith("429", StringComparison.Ordinal)) ? 429 : 401;
        // The right token waits, but it is not locked out.
        var (_, answer) = await SignInAsync(s);
        using (answer)
            return $"{slowed}, then {(int)answer.StatusCode}";
    }

    private static Task<string> CompressedAsync(AttackedStation s)
    {
        var bomb = new ByteArrayContent([0x1F, 0x8B, 8, 0, .. new byte[1000]]);
        bomb.Headers.ContentEncoding.Add("gzip");
        return UploadAsync(s, bomb);
    }

    private static Task<string> OtherSizeAsync(AttackedStation s)
    {
        var path = s.Folder.File("other.png");
        Testing.TestPart.Write(path, 1);
        return UploadAsync(s, new ByteArrayContent(File.ReadAllBytes(path)));
    }

    private static async Task<string> UploadTwiceAsync(AttackedStation s)
    {
        var id = s.NextId();
        await s.UploadAsync(s.DefectivePart, id);
        return await s.SendAsync(HttpMethod.Post, $"inspect?id={id}", Image(s));
    }

    private static async Task<string> ManyUploadsAsync(AttackedStation s)
    {
        var answers = Array.Empty<string>();
        var verdicts = await s.VerdictsAsync("upload", async () => answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => UploadAsync(s, Image(s)))));
        var (judged, refused) = (answers.Count(a => a.StartsWith("200", StringComparison.Ordinal)), answers.Count(a => a.StartsWith("429", StringComparison.Ordinal)));
        return verdicts == $"{judged} verdicts" && judged + refused == 60 && judged > 0 ? "each one verdict or 429" : $"{judged} judged, {refused} refused, {verdicts}";
    }

    /// <summary>Each declares an image and sends a part of it: the places in the queue are free again once the sender has been too slow for a while.</summary>
    private static async Task<string> SlowUploadsAsync(AttackedStation s)
    {
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < 8; i++)
            {
                sockets.Add(await s.ConnectAsync());
                await sockets[^1].SendAsync(Encoding.ASCII.GetBytes($"POST /inspect HTTP/1.1\r\n{Host}{Bearer}Content-Length: 1000000\r\n\r\n\u0089PNG"));
            }

            await Poll.UntilAsync(async () => (await UploadAsync(s, Image(s))).StartsWith("200", StringComparison.Ordinal), "a place in the queue");
            return "the next is judged";
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    private static async Task<string> ManyExportsAsync(AttackedStation s)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => s.SendAsync(HttpMethod.Get, $"api/results/export?format={(i % 2 == 0 ? "csv" : "parquet")}")));
        return $"{answers.Count(a => a.StartsWith("200", StringComparison.Ordinal))} of 8";
    }

    private static async Task<string> OddMethodsAsync(AttackedStation s)
    {
        var answers = new HashSet<string>();
        foreach (var method in (string[])["PUT", "DELETE", "PATCH", "TRACE", "HEAD"])
            answers.Add((await s.RawAsync($"{method} /inspect HTTP/1.1\r\n{Host}{Bearer}Content-Length: 0\r\n\r\n")).Split(' ')[1]);
        return string.Join(", ", answers);
    }

    private static async Task<string> IdleConnectionsAsync(AttackedStation s)
    {
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < 200; i++)
                sockets.Add(await s.ConnectAsync());
            return await s.SendAsync(HttpMethod.Get, "healthz");
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    private static Task<string> HeldEventsAsync(AttackedStation s) => HeldAsync(s, "api/events");

    private static Task<string> HeldPlantEventsAsync(AttackedStation s) => HeldAsync(s, "api/plant/events");

    private static async Task<string> HeldAsync(AttackedStation s, string path)
    {
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < 60; i++)
            {
                sockets.Add(await s.ConnectAsync());
                await sockets[^1].SendAsync(Encoding.ASCII.GetBytes($"GET /{path} HTTP/1.1\r\n{Host}\r\n"));
            }

            var first = await AnswerAsync(sockets[0]);
            for (var i = 0; i < 20; i++)
                await s.ProbeAsync("upload");
            return first;
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }
}
