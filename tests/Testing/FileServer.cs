using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MrfAd.Testing;

/// <summary>A web server with one file, which can be made to misbehave.</summary>
public sealed class FileServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TaskCompletionSource _progress = NewProgress();
    private long _arrived;

    private FileServer(WebApplication app) => _app = app;

    public byte[] Content { get; set; } = [];

    /// <summary>The Range header of each request, or "" without one.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>The numbers of bytes after which the first answers are cut off, one for each.</summary>
    public Queue<int> Cuts { get; } = new();

    /// <summary>True where the server falls silent after the cut instead of closing the connection.</summary>
    public bool Stalls { get; set; }

    public bool IgnoresRange { get; set; }

    /// <summary>True where the server continues with a part although the file has changed.</summary>
    public bool IgnoresIfRange { get; set; }

    /// <summary>The number that is added to the true Content-Length.</summary>
    public int LengthLie { get; set; }

    public bool HasTag { get; set; } = true;

    public int? Status { get; set; }

    /// <summary>Called before each answer, with its number from 0.</summary>
    public Action<int>? Before { get; set; }

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/model.bin");

    /// <param name="certificate">The certificate for https; null means http.</param>
    public static async Task<FileServer> StartAsync(byte[] content, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        var server = new FileServer(builder.Build()) { Content = content };
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Notes the number of bytes that the client has received; a connection is cut only when all bytes that were sent on it have arrived.</summary>
    public void Arrived(long bytes)
    {
        Volatile.Write(ref _arrived, bytes);
        Interlocked.Exchange(ref _progress, NewProgress()).TrySetResult();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Before?.Invoke(Requests.Count);
        var range = context.Request.Headers.Range.ToString();
        Requests.Add(range);
        var response = context.Response;
        if (Status is { } status)
        {
            response.StatusCode = status;
            return;
        }

        var content = Content;
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..8]}\"";
        if (HasTag)
            response.Headers.ETag = tag;
        var from = 0;
        if (range.Length > 0 && !IgnoresRange && (IgnoresIfRange || context.Request.Headers.IfRange == tag))
        {
            from = int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture);
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
        }

        Volatile.Write(ref _arrived, from);
        var rest = content.Length - from;
        response.ContentLength = rest + LengthLie;
        var sent = Cuts.TryDequeue(out var cut) ? Math.Min(cut, rest) : rest;
        await response.Body.WriteAsync(content.AsMemory(from, Math.Min(sent, (int)response.ContentLength)), context.RequestAborted);
        await response.Body.FlushAsync(context.RequestAborted);
        if (sent == rest && LengthLie <= 0)
            return;
        if (Stalls)
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        await ArrivalAsync(from + sent, context.RequestAborted);
        context.Abort();
    }

    private async Task ArrivalAsync(long bytes, CancellationToken aborted)
    {
        while (true)
        {
            var next = _progress.Task;
            if (Volatile.Read(ref _arrived) >= bytes || aborted.IsCancellationRequested)
                return;
            await next.WaitAsync(aborted).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private static TaskCompletionSource NewProgress() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
