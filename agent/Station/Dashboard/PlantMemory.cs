namespace MrfAd.Station.Dashboard;

/// <summary>The last messages of each station, within limits: enough to bring a page that comes later up to date. Not thread-safe.</summary>
public sealed class PlantMemory
{
    public const int MaxStations = 500;

    /// <summary>Cameras of one station at most.</summary>
    public const int MaxCameras = 32;

    private readonly Dictionary<string, Station> _stations = new(StringComparer.Ordinal);

    public IEnumerable<string> Stations => _stations.Keys;

    /// <summary>Keeps a fact as its topic's newest.</summary>
    /// <param name="id">Of a verdict.</param>
    /// <returns>False where there are too many stations or cameras already.</returns>
    public bool Keep(PlantTopic topic, PlantEvent fact, string? id)
    {
        if (Find(topic) is not { } place)
            return false;
        if (topic.Camera is null)
            place.Station.Facts[topic.Kind] = fact;
        else if (topic.Kind == "bank")
            place.Camera!.Bank = fact;
        else
            place.Camera!.Verdict = (id, fact);
        return true;
    }

    /// <inheritdoc cref="Keep(PlantTopic, PlantEvent, string?)"/>
    /// <param name="id">Of the verdict that it belongs to; null: it does not say.</param>
    /// <param name="number">The picture's.</param>
    public bool KeepPicture(PlantTopic topic, PlantEvent picture, string? id, long number)
    {
        if (Find(topic) is not { } place)
            return false;
        var camera = place.Camera!;
        if (id is null || id == camera.Verdict?.Id)
            camera.Pictured = camera.Verdict?.Fact;
        camera.Pictures[topic.Kind] = (picture, number);
        return true;
    }

    /// <summary>Somebody has cleared what a station retained there. One that retains nothing any more is gone.</summary>
    public void Forget(PlantTopic topic)
    {
        if (!_stations.TryGetValue(topic.Station, out var station))
            return;
        if (topic.Camera is null)
            station.Facts.Remove(topic.Kind);
        else if (topic.Kind == "bank" && station.Cameras.TryGetValue(topic.Camera, out var camera))
            camera.Bank = null;
        if (station.Facts.Count == 0)
            _stations.Remove(topic.Station);
    }

    /// <returns>The events that a page needs, in an order that it understands: a picture after the verdict that it belongs to, the last verdict last.</returns>
    /// <param name="pictures">Where they are, as far as they still are; null: the page wants none.</param>
    public IEnumerable<PlantEvent> Snapshot(PlantPictures? pictures)
    {
        foreach (var station in _stations.Values)
        {
            foreach (var fact in station.Facts.Values)
                yield return fact;
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
        public Dictionary<string, PlantEvent> Facts { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Camera> Cameras { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Camera
    {
        public PlantEvent? Bank { get; set; }

        public (string? Id, PlantEvent Fact)? Verdict { get; set; }

        // The verdict that the pictures belong to, which need not be the last one.
        public PlantEvent? Pictured { get; set; }

        public Dictionary<string, (PlantEvent Event, long Number)> Pictures { get; } = new(StringComparer.Ordinal);
    }
}
