using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MrfAd.Contracts;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Control;

/// <summary>Reads what a command says.</summary>
public static class CommandPayload
{
    /// <returns>An empty payload is one without options.</returns>
    /// <exception cref="CommandException">It is not what the command takes.</exception>
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

    /// <param name="camera">Null: the station's detector is meant.</param>
    /// <exception cref="CommandException">There is no such camera, or the station's detector judges none.</exception>
    public static DetectorBank Find(DetectorBanks banks, string? camera) => banks.Of(camera) is { Bank.Cameras.Count: > 0 } found ? found : throw new CommandException(
        CommandErrorCode.UnknownCamera, $"'camera': want one of {string.Join(", ", banks.All.SelectMany(b => b.Bank.Cameras).Order())}, got {(camera is null ? "none" : $"'{camera}'")}");

    /// <exception cref="CommandException">It is empty or too long.</exception>
    public static void CheckName(string field, string? value)
    {
        if (value is { Length: 0 or > StationTopics.LongestName })
            throw new CommandException(CommandErrorCode.BadRequest, $"'{field}' has {value.Length} characters, want 1 to {StationTopics.LongestName}");
    }
}
