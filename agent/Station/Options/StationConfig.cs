using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using MrfAd.Platform;

namespace MrfAd.Station.Options;

/// <summary>
/// Reads a station's configuration: the file, overlaid by the device's profile, overlaid by the environment
/// (<c>MRFAD__MQTT__HOST</c> is <c>mqtt.host</c>, <c>MRFAD__CAMERAS__0__SOURCE</c> is <c>cameras[0].source</c>).
/// All faults are reported at once, each with its key and place.
/// </summary>
public sealed class StationConfig
{
    /// <summary>The prefix of the environment variables that set keys.</summary>
    public const string VariablePrefix = "MRFAD__";

    private static readonly Dictionary<string, string> Replaced = new(StringComparer.Ordinal)
    {
        ["dashboard.broker"] = "\"dashboard\": { \"plant\": true } replaces it; the station hears the plant over its own connection, and browsers need none to the broker",
    };

    /// <summary>The options that a reader of the stored verdicts needs: it works where the bank or a camera of the station is not there.</summary>
    private static readonly IReadOnlySet<string> ResultsSections = new HashSet<string>(["site", "line", "station", "state_folder", "evidence", "statistics"], StringComparer.Ordinal);

    private readonly IReadOnlySet<string>? _sections;
    private readonly List<string> _errors = [];
    private bool _isRenumbered;

    /// <param name="sections">The keys of the first level that are read; null reads and checks all.</param>
    private StationConfig(IReadOnlySet<string>? sections) => _sections = sections;

    /// <param name="path">The station's file; relative paths in all three places are taken from its folder.</param>
    /// <param name="device">A device's profile, or null. Its objects are merged with those of the file key by key; its lists replace those of the file.</param>
    /// <param name="environment">The environment variables by name; those without the prefix <c>MRFAD__</c> are ignored.</param>
    /// <exception cref="UsageException">The configuration cannot be used; each line names one fault.</exception>
    public static StationOptions Load(string path, string? device, IDictionary environment) =>
        new StationConfig(null).Read(path, device, environment);

    /// <summary>Reads what is needed to read a station's stored verdicts: its names, its folders, shifts and time zone. The other options have their defaults, and are not checked.</summary>
    /// <inheritdoc cref="Load"/>
    public static StationOptions LoadForResults(string path, string? device, IDictionary environment) =>
        new StationConfig(ResultsSections).Read(path, device, environment);

    private StationOptions Read(string path, string? device, IDictionary environment)
    {
        var tree = ReadFile(path);
        if (device is not null)
            Overlay(tree, ReadFile(device, isProfile: true));
        foreach (var (name, value) in Variables(environment).Where(variable => IsRead(KeysOf(variable.Name)[0])))
            Set(tree, name, value);

        // Faulty nodes have been reported and removed from the tree, so that the rest can be checked as well.
        var options = tree.Deserialize<StationOptions>(StationJson.Options)!.ResolvedAgainst(
            Path.GetDirectoryName(Path.GetFullPath(path))!, environment[StationOptions.Credentials[1..]] as string);
        // In a list that has lost a faulty item, the rules would name the others by wrong numbers.
        if (!_isRenumbered)
            _errors.AddRange(_sections is null ? StationRules.Check(options) : StatisticsOptionsValidator.Validate(options.Statistics, "statistics"));
        return _errors.Count == 0 ? options : throw new UsageException(string.Join(Environment.NewLine + "  ", [$"{path} cannot be used:", .. _errors]));
    }

    private JsonObject ReadFile(string path, bool isProfile = false)
    {
        try
        {
            var tree = StationJson.Parse(UserFiles.ReadText(path));
            if (isProfile)
                tree.Remove(DeviceProfile.Section); // used by learn and check, not by the station
            foreach (var unread in tree.Select(member => member.Key).Where(key => !IsRead(key)).ToList())
                tree.Remove(unread);
            CheckTree(tree, TypeOf(typeof(StationOptions)), "", Path.GetFileName(path));
            return tree;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new UsageException($"{path}: {e.Message}");
        }
    }

    /// <returns>False where the node itself is faulty; a faulty node inside it is removed.</returns>
    private bool CheckTree(JsonNode? node, JsonTypeInfo type, string path, string place)
    {
        switch (type.Kind, node)
        {
            case (JsonTypeInfoKind.Object, JsonObject members):
                foreach (var (key, value) in members.ToList())
                {
                    if (!CheckMember(value, type, key, path, place))
                        members.Remove(key);
                }

                return true;
            case (JsonTypeInfoKind.Enumerable, JsonArray items):
                for (var i = items.Count - 1; i >= 0; i--)
                {
                    if (CheckTree(items[i], TypeOf(type.ElementType!), $"{path}[{i}]", place))
                        continue;
                    items.RemoveAt(i);
                    _isRenumbered = true;
                }

                return true;
            default:
                return CheckValue(node, type, path, place);
        }
    }

    private bool CheckMember(JsonNode? value, JsonTypeInfo type, string key, string path, string place)
    {
        var at = path.Length == 0 ? key : $"{path}.{key}";
        if (Property(type, key) is not { } property)
            _errors.Add(Replaced.TryGetValue(at, out var how) ? $"{place}: '{at}' is no more: {how}" : $"{place}: unknown key '{at}'; known there: {string.Join(", ", Keys(type).Select(p => p.Name))}");
        else if (value is not null)
            return CheckTree(value, TypeOf(property.PropertyType), at, place);
        else if (property.IsSetNullable)
            return true;
        else
            _errors.Add($"{place}: {at} must not be null");
        return false;
    }

    private bool CheckValue(JsonNode? value, JsonTypeInfo type, string path, string place)
    {
        try
        {
            if (value?.Deserialize(type) is { } read)
            {
                // Names, paths and addresses; a pipeline may stand on several lines.
                if (!(read is string text && text.Any(c => char.IsControl(c) && c is not ('\n' or '\t'))))
                    return true;
                _errors.Add($"{place}: {path}: want text without control characters, got {value.ToJsonString()}");
                return false;
            }
        }
        catch (JsonException)
        {
            // Reported below with the wanted type, which the message of the exception does not name.
        }

        _errors.Add($"{place}: {path}: want {Wanted(type)}, got {value?.ToJsonString() ?? "null"}");
        return false;
    }

    private static void Overlay(JsonObject under, JsonObject over)
    {
        foreach (var (key, value) in over)
        {
            if (value is JsonObject members && under[key] is JsonObject old)
                Overlay(old, members);
            else
                under[key] = value?.DeepClone();
        }
    }

    private static IEnumerable<(string Name, string Value)> Variables(IDictionary environment) =>
        from DictionaryEntry entry in environment
        let name = (string)entry.Key
        where name.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase)
        orderby name
        select (name, (string?)entry.Value ?? "");

    private bool IsRead(string section) => _sections?.Contains(section) != false;

    private static string[] KeysOf(string variable) => variable[VariablePrefix.Length..].ToLowerInvariant().Split("__");

    private void Set(JsonObject tree, string variable, string text)
    {
        JsonNode at = tree;
        var type = TypeOf(typeof(StationOptions));
        var keys = KeysOf(variable);
        for (var i = 0; i < keys.Length; i++)
        {
            var child = Child(type, at, keys[i]);
            if (child is null)
            {
                _errors.Add(
                    Replaced.TryGetValue(string.Join('.', keys[..(i + 1)]), out var how) ? $"environment {variable}: '{string.Join('.', keys[..(i + 1)])}' is no more: {how}"
                    : $"environment {variable}: there is no '{keys[i]}'{(i == 0 ? "" : $" in '{string.Join('.', keys[..i])}'")}");
                return;
            }

            type = child;
            var last = i == keys.Length - 1;
            JsonNode? value = !last ? null : type.Type == typeof(string) ? JsonValue.Create(text) : Literal(text);
            if (last && !CheckTree(value, type, string.Join('.', keys), $"environment {variable}"))
                return;
            at = Put(at, keys[i], value, type);
        }
    }

    /// <returns>The type of a member or list item; null where there is none of that name or number.</returns>
    private static JsonTypeInfo? Child(JsonTypeInfo type, JsonNode at, string key) => (type.Kind, at) switch
    {
        (JsonTypeInfoKind.Object, _) => Property(type, key) is { } property ? TypeOf(property.PropertyType) : null,
        (JsonTypeInfoKind.Enumerable, JsonArray items) => int.TryParse(key, CultureInfo.InvariantCulture, out var i) && i >= 0 && i <= items.Count ? TypeOf(type.ElementType!) : null,
        _ => null,
    };

    /// <summary>Sets a key and returns its value; null keeps the value that is there, or sets an empty object or list.</summary>
    private static JsonNode Put(JsonNode at, string key, JsonNode? value, JsonTypeInfo type)
    {
        JsonNode Empty() => type.Kind == JsonTypeInfoKind.Enumerable ? new JsonArray() : new JsonObject();

        if (at is JsonArray items)
        {
            var i = int.Parse(key, CultureInfo.InvariantCulture);
            if (i == items.Count)
                items.Add(value ?? Empty());
            else if (value is not null)
                items[i] = value;
            return items[i]!;
        }

        return at[key] = value ?? at[key] ?? Empty();
    }

    private static JsonNode Literal(string text)
    {
        try
        {
            return StationJson.ParseNode(text) ?? JsonValue.Create(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static string Wanted(JsonTypeInfo type) => Nullable.GetUnderlyingType(type.Type) is { } some ? $"null or {Wanted(TypeOf(some))}" : type switch
    {
        { Kind: JsonTypeInfoKind.Object } => "an object: { … }",
        { Kind: JsonTypeInfoKind.Enumerable } => "a list: [ … ]",
        { Type.IsEnum: true } => "one of " + string.Join(", ", Enum.GetValues(type.Type).Cast<object>().Select(v => JsonSerializer.Serialize(v, type))),
        _ when type.Type == typeof(TimeSpan) => "a duration such as \"500ms\", \"2s\" or \"1m\"",
        _ when type.Type == typeof(bool) => "true or false",
        _ when type.Type == typeof(int) => "a whole number",
        _ when type.Type == typeof(double) || type.Type == typeof(float) => "a number",
        _ => "text in quotes",
    };

    private static JsonPropertyInfo? Property(JsonTypeInfo type, string key) => Keys(type).FirstOrDefault(p => p.Name == key);

    /// <returns>The properties that JSON can set; ignored and computed ones are no keys.</returns>
    private static IEnumerable<JsonPropertyInfo> Keys(JsonTypeInfo type) => type.Properties.Where(p => p.Set is not null || p.AssociatedParameter is not null);

    private static JsonTypeInfo TypeOf(Type type) => StationJson.Options.GetTypeInfo(type);
}
