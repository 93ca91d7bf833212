using System.Text.Json;
using Microsoft.AspNetCore.Http;
using MrfAd.Contracts;
using MrfAd.Station.Control;

namespace MrfAd.Station.Dashboard;

/// <summary>Runs the commands that a page sends, in the same way as commands over MQTT.</summary>
internal sealed class CommandEndpoint(CommandDispatcher commands)
{
    /// <summary>Runs the command that the address names.</summary>
    public Task RunAsync(HttpContext context) => RunAsync(context, (string)context.Request.RouteValues["name"]!);

    public async Task RunAsync(HttpContext context, string name)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var reply = await commands.CarryOutAsync(new CommandCall(name, body.ToArray(), null, "dashboard"), context.RequestAborted);
        context.Response.StatusCode = reply switch
        {
            { Accepted: true } => StatusCodes.Status200OK,
            { Error.Code: CommandErrorCode.BadRequest } => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status409Conflict,
        };
        await JsonResponse.WriteAsync(context, JsonSerializer.SerializeToNode(reply, MessageJson.Default.CommandReply)!);
    }
}
