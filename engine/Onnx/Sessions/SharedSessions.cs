namespace MrfAd.Onnx.Sessions;

/// <summary>Shares loaded graphs: encoders that are equal (files, layers, threads, device) get the same sessions, which are freed when the last one returns them. Thread-safe.</summary>
public sealed class SharedSessions
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (LoadedGraphs Graphs, int Users)> _open = [];

    /// <summary>The number of graphs in memory, each counted once.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _open.Values.Sum(o => o.Graphs.All.Count());
        }
    }

    /// <param name="key">A key that is equal for encoders that compute the same on the same device.</param>
    public LoadedGraphs Take(string key)
    {
        lock (_lock)
        {
            var (graphs, users) = _open.GetValueOrDefault(key, (new LoadedGraphs(), 0));
            _open[key] = (graphs, users + 1);
            return graphs;
        }
    }

    /// <summary>Undoes one <see cref="Take"/>.</summary>
    public void Return(string key)
    {
        lock (_lock)
        {
            var (graphs, users) = _open[key];
            if (users > 1)
            {
                _open[key] = (graphs, users - 1);
                return;
            }

            _open.Remove(key);
            graphs.Dispose();
        }
    }
}
