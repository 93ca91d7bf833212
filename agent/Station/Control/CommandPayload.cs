using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MrfAd.Contracts;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Control;

/// <summary>Reads and checks the payload of a command.</summary>
public static class CommandPayload
{
    /// <summary>Reads the payload as JSON.</summary>
    /// <returns>The options of the command, all unset where the payload is empty.</returns>
    /// <exception cref="CommandException">The payload is not an object with the fields of the command.</exception>
    public static T Read<T>(CommandCall command, JsonTypeInfo<T> type) where T : new()
    {
        if (command.Payload.IsEmpty)
            return new T();
        try
        {
            return JsonSerializer.Deserialize(command.Payload.Span, type) ?? throw new CommandException(CommandErrorCode.BadRequest, $"'{command.Name}' takes an object, not null");
        }
        catch (JsonException e)
        {
            var fields = string.Join(", ", type.Properties.Select(p => $"'{p.Name}'"));
            throw new CommandException(CommandErrorCode.BadRequest, $"'{command.Name}' takes an object with {fields}: {e.Message}", e);
        }
    }

    /// <summary>Returns the bank of the detector that judges a camera.</summary>
    /// <param name="camera">The name of the camera; null for the station's own detector.</param>
    /// <exception cref="CommandException">There is no such camera, or the station's detector judges none.</exception>
    public static DetectorBank Find(DetectorBanks banks, string? camera) => banks.Of(camera) is { Bank.Cameras.Count: > 0 } found ? found : throw new CommandException(
        CommandErrorCode.UnknownCamera, $"'camera': want one of {string.Join(", ", banks.All.SelectMany(b => b.Bank.Cameras).Order())}, got {(camera is null ? "none" : $"'{camera}'")}");

    /// <summary>Checks a name that comes back in verdicts, lists and logs.</summary>
    /// <exception cref="CommandException">The name is empty, is too long, or has a control character.</exception>
    public static void CheckName(string field, string? value)
    {
        if (value is { Length: 0 or > StationTopics.MaxNameLength })
            throw new CommandException(CommandErrorCode.BadRequest, $"'{field}' has {value.Length} characters, want 1 to {StationTopics.MaxNameLength}");
        if (value?.Any(char.IsControl) == true)
            throw new CommandException(CommandErrorCode.BadRequest, $"'{field}' has a control character");
    }
}
