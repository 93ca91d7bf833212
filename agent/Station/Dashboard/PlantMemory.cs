namespace MrfAd.Station.Dashboard;

/// <summary>Keeps the last messages of each station, within limits, to bring a page that is opened later up to date. Not thread-safe.</summary>
public sealed class PlantMemory
{
    /// <summary>The maximum number of stations.</summary>
    public const int MaxStations = 500;

    /// <summary>The maximum number of cameras of one station.</summary>
    public const int MaxCameras = 32;

    private readonly Dictionary<string, Station> _stations = new(StringComparer.Ordinal);

    /// <summary>The stations as "site/line/station".</summary>
    public IEnumerable<string> Stations => _stations.Keys;

    /// <summary>Keeps the event of a message as the last one of its topic.</summary>
    /// <param name="id">The id of a verdict.</param>
    /// <returns>False where there are too many stations or cameras already.</returns>
    public bool Keep(PlantTopic topic, PlantEvent message, string? id)
    {
        if (Find(topic) is not { } place)
            return false;
        if (topic.Camera is null)
            place.Station.Messages[topic.Kind] = message;
        else if (topic.Kind == "bank")
            place.Camera!.Bank = message;
        else
            place.Camera!.Verdict = (id, message);
        return true;
    }

    /// <summary>Keeps the event of a picture as the last one of its topic.</summary>
    /// <param name="id">The id of the verdict that the picture belongs to; null where the message does not name it.</param>
    /// <param name="number">The number of the picture.</param>
    /// <returns>False where there are too many stations or cameras already.</returns>
    public bool KeepPicture(PlantTopic topic, PlantEvent picture, string? id, long number)
    {
        if (Find(topic) is not { } place)
            return false;
        var camera = place.Camera!;
        if (id is null || id == camera.Verdict?.Id)
            camera.Pictured = camera.Verdict?.Message;
        camera.Pictures[topic.Kind] = (picture, number);
        return true;
    }

    /// <summary>Removes a retained message that was cleared. A station without any retained message is removed.</summary>
    public void Remove(PlantTopic topic)
    {
        if (!_stations.TryGetValue(topic.Station, out var station))
            return;
        if (topic.Camera is null)
            station.Messages.Remove(topic.Kind);
        else if (topic.Kind == "bank" && station.Cameras.TryGetValue(topic.Camera, out var camera))
            camera.Bank = null;
        if (station.Messages.Count == 0)
            _stations.Remove(topic.Station);
    }

    /// <returns>The events that a page needs, in the order that it expects: a picture after the verdict that it belongs to, the last verdict last.</returns>
    /// <param name="pictures">The pictures that are still kept; null where the page shows none.</param>
    public IEnumerable<PlantEvent> Snapshot(PlantPictures? pictures)
    {
        foreach (var station in _stations.Values)
        {
            foreach (var message in station.Messages.Values)
                yield return message;
            foreach (var camera in station.Cameras.Values)
            {
                if (camera.Bank is not null)
                    yield return camera.Bank;
                var there = pictures is null ? [] : camera.Pictures.Values.Where(p => pictures.Find(p.Number) is not null).Select(p => p.Event).ToList();
                if (there.Count > 0 && camera.Pictured is { } pictured)
                    yield return pictured;
                foreach (var picture in there)
                    yield return picture;
                if (camera.Verdict is var (_, verdict))
                    yield return verdict;
            }
        }
    }

    private (Station Station, Camera? Camera)? Find(PlantTopic topic)
    {
        var known = _stations.TryGetValue(topic.Station, out var station);
        if (!known && _stations.Count >= MaxStations)
            return null;
        station ??= new Station();
        Camera? camera = null;
        if (topic.Camera is not null && !station.Cameras.TryGetValue(topic.Camera, out camera))
        {
            if (station.Cameras.Count >= MaxCameras)
                return null;
            station.Cameras[topic.Camera] = camera = new Camera();
        }

        _stations[topic.Station] = station;
        return (station, camera);
    }

    private sealed class Station
    {
        public Dictionary<string, PlantEvent> Messages { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Camera> Cameras { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Camera
    {
        public PlantEvent? Bank { get; set; }

        public (string? Id, PlantEvent Message)? Verdict { get; set; }

        // The verdict that the pictures belong to, which need not be the last one.
        public PlantEvent? Pictured { get; set; }

        public Dictionary<string, (PlantEvent Event, long Number)> Pictures { get; } = new(StringComparer.Ordinal);
    }
}
