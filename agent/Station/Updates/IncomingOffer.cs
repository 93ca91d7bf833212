using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Updates;

/// <summary>The file <c>incoming.json</c>: the offer that is being fetched and its source, so that a restart continues it.</summary>
/// <param name="Source">The source of the file: "mqtt", a path or an http(s) address.</param>
/// <param name="Sha256">The SHA-256 of the model file, in lower-case hexadecimal digits.</param>
/// <param name="By">The key or the channel that asked for the update.</param>
public sealed record IncomingOffer(string Source, string Sha256, string By, SignedManifest Offer)
{
    public static string PathIn(BankStore store) => Path.Combine(store.Folder, "incoming.json");

    /// <summary>Reads the stored offer.</summary>
    /// <returns>Null where there is none, or it cannot be read.</returns>
    public static IncomingOffer? Find(BankStore store)
    {
        try
        {
            return File.Exists(PathIn(store)) ? JsonSerializer.Deserialize<IncomingOffer>(UserFiles.ReadText(PathIn(store)), StationJson.Options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Stores the offer.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Save(BankStore store) => store.Disk.Write(PathIn(store), JsonSerializer.SerializeToUtf8Bytes(this, StationJson.Options));
}
