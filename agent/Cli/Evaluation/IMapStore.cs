using MrfAd.Engine.Datasets;

namespace MrfAd.Cli.Evaluation;

/// <summary>Reads the maps of a run's images. Several threads may read at a time.</summary>
public interface IMapStore
{
    /// <exception cref="DatasetException">The image has no maps, or they are not usable; the text names the file.</exception>
    ScoredImage Read(DatasetImage image, IReadOnlyList<MapName> names);
}
