using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MrfAd.Station.Http;

/// <summary>Handles bodies of requests that are refused.</summary>
internal static class RequestBody
{
    // The rest of a longer body is not waited for: the client then sees a closed connection.
    private const int MaxDiscardedBytes = 100_000_000;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Reads and forgets the body, because many clients read an answer only when they have sent all; without this they would see a broken connection.</summary>
    public static async Task DiscardAsync(HttpContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        end.CancelAfter(Timeout);
        try
        {
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                limit.MaxRequestBodySize = MaxDiscardedBytes;
            await context.Request.Body.CopyToAsync(Stream.Null, end.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client has gone, sends too much or too slowly: it is answered all the same, if it still hears.
        }
    }
}
