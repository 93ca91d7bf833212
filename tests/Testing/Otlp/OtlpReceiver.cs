using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MrfAd.Testing.Otlp.Format;

namespace MrfAd.Testing.Otlp;

/// <summary>A collector that takes traces over OTLP, as gRPC or as Protocol Buffers over HTTP, and keeps the spans.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    // A flag for compression and the length, before each message of gRPC.
    private const int GrpcPrefix = 5;

    private readonly WebApplication _app;
    private readonly bool _isGrpc;
    private readonly Lock _lock = new();
    private readonly List<ReceivedSpan> _spans = [];
    private TaskCompletionSource _received = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OtlpReceiver(WebApplication app, bool isGrpc) => (_app, _isGrpc) = (app, isGrpc);

    public string Address => _app.Urls.Single();

    /// <summary>The values of the header Authorization of all requests.</summary>
    public HashSet<string> Authorizations { get; } = [];

    /// <summary>The status of each answer; null: the spans are taken.</summary>
    public int? Status { get; set; }

    /// <summary>Holds back all answers until it is completed; null holds back none.</summary>
    public TaskCompletionSource? Hold { get; set; }

    /// <param name="port">0: any free one.</param>
    public static async Task<OtlpReceiver> StartAsync(bool grpc = false, int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var receiver = new OtlpReceiver(builder.Build(), grpc);
        receiver._app.Run(receiver.AnswerAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>Waits until the spans that have come satisfy the condition.</summary>
    /// <returns>All spans, in the order in which they came.</returns>
    public async Task<IReadOnlyList<ReceivedSpan>> UntilAsync(Func<IReadOnlyList<ReceivedSpan>, bool> condition)
    {
        using var timeout = new CancellationTokenSource(TestTimeout.Value);
        while (true)
        {
            Task next;
            lock (_lock)
            {
                if (condition(_spans))
                    return [.. _spans];
                next = _received.Task;
            }

            try
            {
                await next.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"spans that came: {string.Join(", ", _spans.Select(s => s.Name))}");
            }
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var path = _isGrpc ? "/opentelemetry.proto.collector.trace.v1.TraceService/Export" : "/v1/traces";
        if (Hold is { } hold)
            await hold.Task;
        if (Status is not null || context.Request.Path != path)
        {
            context.Response.StatusCode = Status ?? StatusCodes.Status404NotFound;
            return;
        }

        Take(TraceRequest.Parser.ParseFrom(body.ToArray().AsSpan(_isGrpc ? GrpcPrefix : 0)), context.Request.Headers.Authorization);
        context.Response.ContentType = _isGrpc ? "application/grpc" : "application/x-protobuf";
        if (!_isGrpc)
            return;
        context.Response.DeclareTrailer("grpc-status");
        await context.Response.Body.WriteAsync(new byte[GrpcPrefix], context.RequestAborted);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private void Take(TraceRequest request, string? authorization)
    {
        lock (_lock)
        {
            _spans.AddRange(ReceivedSpan.Of(request));
            Authorizations.Add(authorization ?? "");
            _received.SetResult();
            _received = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
