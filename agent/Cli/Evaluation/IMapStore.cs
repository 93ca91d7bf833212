using MrfAd.Engine.Datasets;

namespace MrfAd.Cli.Evaluation;

/// <summary>Where the maps of a run's images are read from; by several threads at a time.</summary>
public interface IMapStore
{
    /// <exception cref="DatasetException">There is none for this image, or it cannot be used; the text names the file.</exception>
    ScoredImage Read(DatasetImage image, IReadOnlyList<MapName> names);
}
