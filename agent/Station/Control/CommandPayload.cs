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

    /// <summary>Returns the bank of the detector that judges a product for a camera.</summary>
    /// <param name="product">The name of the product; null where the station has none.</param>
    /// <param name="camera">The name of the camera; null for the station's or the product's own detector.</param>
    /// <exception cref="CommandException">There is no such product or camera, or the detector judges no camera.</exception>
    public static DetectorBank Find(DetectorBanks banks, string? product, string? camera)
    {
        CheckProduct([.. banks.All.Select(b => b.Bank.Product).OfType<string>().Distinct()], product);
        return banks.Of(product, camera) is { Bank.Cameras.Count: > 0 } found ? found : throw new CommandException(
            CommandErrorCode.UnknownCamera,
            $"'camera': want one of {string.Join(", ", banks.All.Where(b => b.Bank.Product == product).SelectMany(b => b.Bank.Cameras).Order())}, got {(camera is null ? "none" : $"'{camera}'")}");
    }

    /// <summary>Checks that a command names a product where the station has products, so that none acts on whichever happens to be active.</summary>
    /// <exception cref="CommandException">It names none, or one that the station does not have.</exception>
    public static void CheckProduct(IReadOnlyList<string> products, string? product)
    {
        if (product is null ? products.Count > 0 : !products.Contains(product))
            throw new CommandException(CommandErrorCode.NotFound, $"'product': want {(products.Count == 0 ? "none, as this station has no products" : $"one of {string.Join(", ", products)}")}, got {(product is null ? "none" : $"'{product}'")}");
    }

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
