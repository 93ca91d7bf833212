using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Updates;

/// <summary><c>incoming.json</c>: what is being fetched, and from where, so that a restart goes on with it.</summary>
/// <param name="Source">"mqtt", "taught", a path or an http(s) address.</param>
/// <param name="Sha256">Of the file.</param>
/// <param name="By">Who asked for it, as far as it is known.</param>
public sealed record IncomingOffer(string Source, string Sha256, string By, SignedManifest Offer)
{
    public static string PathIn(BankStore store) => Path.Combine(store.Folder, "incoming.json");

    /// <returns>Null where there is none; one that cannot be read is none.</returns>
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

    /// <exception cref="IOException">It could not be written.</exception>
    public void Keep(BankStore store) => store.Disk.Write(PathIn(store), JsonSerializer.SerializeToUtf8Bytes(this, StationJson.Options));
}
