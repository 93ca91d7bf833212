using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Tests.Docs;

/// <summary>A key of the station's configuration, with its type and default as the configuration page writes them.</summary>
public sealed record ConfigurationKey(string Path, string Type, string Default)
{
    private static readonly JsonSerializerOptions Plain = new(StationJson.Options) { WriteIndented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// All keys. An object that is always present is listed by its members only. A record with the same members and defaults as an earlier one
    /// is a single key whose type refers to the earlier one.
    /// </summary>
    public static IReadOnlyList<ConfigurationKey> All { get; } = [.. Members(typeof(StationOptions), new StationOptions(), "", [])];

    private static IEnumerable<ConfigurationKey> Members(Type type, object value, string path, Dictionary<string, string> listed)
    {
        foreach (var member in Info(type).Properties.Where(property => property.Get is not null)) // properties without a getter are not keys
        {
            var at = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            var set = member.Get!(value);
            if (Record(member.PropertyType) is not { } record)
            {
                yield return new(at, TypeText(member), JsonSerializer.Serialize(set, member.PropertyType, Plain));
                continue;
            }

            var isList = Info(member.PropertyType).Kind == JsonTypeInfoKind.Enumerable;
            var instance = isList || set is null ? Activator.CreateInstance(record)! : set;
            var known = listed.TryGetValue(record.Name + JsonSerializer.Serialize(instance, record, Plain), out var earlier);
            if (isList || set is null || known)
                yield return new(at, $"{(isList ? "list of objects" : "object")}{(known ? $" as `{earlier}`" : "")}{(member.IsSetNullable ? " or null" : "")}", isList ? $"[{(((System.Collections.ICollection)set!).Count > 0 ? "{}" : "")}]" : set is null ? "null" : "{}");
            if (known)
                continue;
            at += isList ? "[]" : "";
            listed.Add(record.Name + JsonSerializer.Serialize(instance, record, Plain), at);
            foreach (var below in Members(record, instance, at, listed))
                yield return below;
        }
    }

    /// <returns>The record type whose members are keys; null for plain values.</returns>
    private static Type? Record(Type type) => Info(type) switch
    {
        { Kind: JsonTypeInfoKind.Object } => type,
        { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } when Info(element).Kind == JsonTypeInfoKind.Object => element,
        _ => null,
    };

    private static string TypeText(JsonPropertyInfo member)
    {
        var underlying = Nullable.GetUnderlyingType(member.PropertyType);
        return Text(underlying ?? member.PropertyType) + (underlying is not null || (!member.PropertyType.IsValueType && member.IsSetNullable) ? " or null" : "");
    }

    private static string Text(Type type) => type switch
    {
        { IsEnum: true } => string.Join(", ", Enum.GetValues(type).Cast<object>().Select(v => JsonSerializer.Serialize(v, type, Plain))),
        _ when Info(type) is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } => $"list of {Text(element)}",
        _ when type == typeof(TimeSpan) => "duration",
        _ when type == typeof(DateTimeOffset) => "date and time",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) => "whole number",
        _ when type == typeof(double) || type == typeof(float) => "number",
        _ => "text",
    };

    private static JsonTypeInfo Info(Type type) => Plain.GetTypeInfo(type);
}
