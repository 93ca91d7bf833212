using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Reporting;

namespace MrfAd.Station.Control;

/// <summary>The command <c>cmd/snapshot</c>: publishes a picture without a verdict; it is not stored.</summary>
public sealed class TakeSnapshot(IReadOnlyList<Camera> cameras, IMqttLink link, StationTopics topics) : IStationCommand
{
    public string Name => "snapshot";

    public async Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        var wanted = CommandPayload.Read(command, MessageJson.Default.SnapshotCommand).Camera;
        CommandPayload.CheckName("camera", wanted);
        var found = cameras.Where(c => wanted is null || c.Options.Name == wanted).ToList();
        if (found is not [var camera])
            throw new CommandException(CommandErrorCode.UnknownCamera, $"want one of {string.Join(", ", cameras.Select(c => c.Options.Name))}, got '{wanted ?? "none"}'");

        using var image = await TakeAsync(camera, cancellationToken);
        var topic = topics.Snapshot(camera.Options.Name);
        var jpeg = camera.Options.Frame.Format == ImageFormat.Jpeg && image.Depth == PixelDepth.Eight;
        var picture = new MqttMessage(topic, ImageCodec.Encode(image, jpeg ? ImageFormat.Jpeg : ImageFormat.Png))
        {
            ContentType = jpeg ? "image/jpeg" : "image/png",
            CorrelationData = command.CorrelationId is null ? default : Convert.FromHexString(command.CorrelationId),
        };
        await link.PublishAsync(PictureFit.To(picture, link.MaximumPacketBytes), cancellationToken);
        var result = new SnapshotResult { Camera = camera.Options.Name, Topic = topic, WidthPx = image.Width, HeightPx = image.Height };
        return new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(result, MessageJson.Default.SnapshotResult) };
    }

    private static async Task<Image> TakeAsync(Camera camera, CancellationToken cancellationToken)
    {
        try
        {
            return await camera.SnapshotAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new CommandException(CommandErrorCode.Failed, e.Message, e);
        }
    }
}
