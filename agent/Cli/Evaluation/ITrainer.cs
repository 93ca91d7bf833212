using MrfAd.Engine.Banks;
using MrfAd.Engine.Datasets;

namespace MrfAd.Cli.Evaluation;

/// <summary>Makes a method ready for one object after another: learns a bank, trains a network.</summary>
public interface ITrainer : IDisposable
{
    /// <summary>Its name on the command line.</summary>
    string Method { get; }

    /// <summary>All that its maps depend on beside the images, as JSON. A run is resumed only with the same.</summary>
    string Settings { get; }

    /// <summary>The same for people.</summary>
    IReadOnlyList<Fact> Facts { get; }

    /// <param name="folder">For what it needs until the object is done; what is there from a run that was stopped may be used.</param>
    IMethod Learn(DatasetObject good, string folder, IProgress<LearnProgress>? progress, CancellationToken cancellation);
}
