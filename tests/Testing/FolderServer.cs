using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MrfAd.Testing;

/// <summary>A web server with the files of one folder.</summary>
public sealed class FolderServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FolderServer(WebApplication app) => _app = app;

    /// <summary>The address without a slash at its end.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public static async Task<FolderServer> StartAsync(string folder)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = new FolderServer(builder.Build());
        server._app.Run(context =>
        {
            var path = Path.Combine(folder, Path.GetFileName(context.Request.Path));
            if (File.Exists(path))
                return context.Response.SendFileAsync(path, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
