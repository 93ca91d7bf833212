using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace MrfAd.Agent.Reporting;

/// <summary>The payload of <c>cmd/trigger</c>; an empty payload is a trigger without options.</summary>
[Description("Asks for an image and a verdict.")]
public sealed record TriggerCommand
{
    [Description("Comes back as trigger.id of the verdict; the station makes one if absent.")]
    [Length(1, StationTopics.LongestName)]
    public string? Id { get; init; }

    [Description("Only this camera; absent: every camera of the station.")]
    [Length(1, StationTopics.LongestName)]
    public string? Camera { get; init; }

    /// <exception cref="FormatException">The payload is no trigger; the text says why.</exception>
    public static TriggerCommand Parse(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return new TriggerCommand();

        try
        {
            var command = JsonSerializer.Deserialize(payload, MessageJson.Default.TriggerCommand) ?? throw new FormatException("a trigger is an object, not null");
            Check("id", command.Id);
            Check("camera", command.Camera);
            return command;
        }
        catch (JsonException e)
        {
            throw new FormatException($"a trigger is an object with 'id' and 'camera', both optional strings: {e.Message}", e);
        }
    }

    private static void Check(string field, string? value)
    {
        if (value is { Length: 0 or > StationTopics.LongestName })
            throw new FormatException($"the trigger's '{field}' has {value.Length} characters, want 1 to {StationTopics.LongestName}");
    }
}
