using System.Text.Json;

namespace MrfAd.Platform;

/// <summary>Describes a JSON text that cannot be read to the one who wrote it.</summary>
public static class JsonError
{
    // The reader's own message names the type of the program that the value should have become.
    private const string Unconverted = "The JSON value could not be converted";

    /// <returns>The reason, with the key and the line where they are known.</returns>
    public static string Describe(JsonException error) =>
        error.Path is { } path && error.Message.StartsWith(Unconverted, StringComparison.Ordinal)
            ? $"{(path == "$" ? "the whole" : $"'{path.TrimStart('$', '.')}'")} in line {error.LineNumber + 1} is a value of another kind than wanted"
            : error.Message;
}
