using MrfAd.Engine.Banks;
using MrfAd.Engine.Datasets;

namespace MrfAd.Cli.Evaluation;

/// <summary>Learns a bank or trains a network for one object after another.</summary>
public interface ITrainer : IDisposable
{
    /// <summary>The method's name on the command line.</summary>
    string Method { get; }

    /// <summary>All settings that the maps depend on, as JSON. A run is resumed only with the same settings.</summary>
    string Settings { get; }

    /// <summary>The settings as text for the report.</summary>
    IReadOnlyList<RunParameter> Parameters { get; }

    /// <param name="folder">Folder for files that are needed until the object is done; files of a stopped run may be reused.</param>
    IMethod Learn(DatasetObject good, string folder, IProgress<LearnProgress>? progress, CancellationToken cancellation);
}
