using MrfAd.Station.Capture;
using MrfAd.Station.Options;

namespace MrfAd.Station.GenICam;

/// <summary>A camera that answered the search.</summary>
/// <param name="Protocol">"GigEVision" or "USB3Vision".</param>
public sealed record GenICamDevice(string Id, string Protocol, string Vendor, string Model, string Serial, string Address)
{
    // The library has one list of devices for the process.
    private static readonly Lock Searching = new();

    // The second search is needed because an answer may be lost, and because a signal to the process ends the library's wait for it.
    private const int Searches = 2;

    /// <summary>Searches the network and the USB for cameras, which takes about a second.</summary>
    /// <exception cref="CameraLostException">Aravis is not installed.</exception>
    public static IReadOnlyList<GenICamDevice> Search()
    {
        lock (Searching)
        {
            Aravis.Load();
            Aravis.arv_update_device_list();
            return [.. Enumerable.Range(0, (int)Aravis.arv_get_n_devices()).Select(i => Get((uint)i))];
        }
    }

    /// <summary>Finds the camera of a source address.</summary>
    /// <param name="place">The serial number, id or address of the camera; empty means the only one there is.</param>
    /// <exception cref="CameraLostException">No camera, or more than one, has that name; the text lists those that were found.</exception>
    public static GenICamDevice Find(SourceKind kind, string place)
    {
        var protocol = kind == SourceKind.GigE ? "GigEVision" : "USB3Vision";
        for (var searches = 1; ; searches++)
        {
            var seen = Search().Where(d => d.Protocol == protocol).ToList();
            var found = seen.Where(d => place.Length == 0 || place == d.Serial || place == d.Id || place == d.Address).ToList();
            if (found is [var one])
                return one;
            if (found.Count > 1 || searches == Searches)
            {
                throw new CameraLostException(
                    $"want one {protocol} camera{(place.Length == 0 ? "" : $" '{place}'")}, found {(seen.Count == 0 ? "none" : string.Join(", ", seen.Select(d => d.Serial)))}");
            }
        }
    }

    public override string ToString() => $"{Vendor} {Model}, serial {Serial}, at {Address}";

    private static GenICamDevice Get(uint i) => new(
        Aravis.Text(Aravis.arv_get_device_id(i)),
        Aravis.Text(Aravis.arv_get_device_protocol(i)),
        Aravis.Text(Aravis.arv_get_device_vendor(i)),
        Aravis.Text(Aravis.arv_get_device_model(i)),
        Aravis.Text(Aravis.arv_get_device_serial_nbr(i)),
        Aravis.Text(Aravis.arv_get_device_address(i)));
}
