using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Learning;

namespace MrfAd.Benchmarks;

/// <summary>A learned dataset, ready to score: banks of at most 20,000 random rows, in a temporary file that is deleted on disposal.</summary>
internal sealed class Subject : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"mrfad-benchmark-{Environment.ProcessId}.mrfbank");

    public Subject(string folder, string encoderPath, string[]? layers, MrfAdOptions options)
    {
        Encoder = Encoder.Open(encoderPath, layers, Environment.ProcessorCount);
        Options = options;
        var images = Directory.GetFiles(Path.Combine(folder, "train", "good")).Order(StringComparer.Ordinal).ToList();
        Learned = new BankLearner(Encoder, TimeProvider.System).Learn(new LearnRequest { Images = images, Id = Path.GetFileName(folder), Created = default, Options = Options, Folds = 2 }, _path, null, default);
        Bank = BankFile.Open(_path);
        Scorer = CreateScorer();
    }

    public Encoder Encoder { get; }

    public MrfAdOptions Options { get; }

    public LearnResult Learned { get; }

    public BankFile Bank { get; }

    public MrfAdScorer Scorer { get; }

    public MrfAdScorer CreateScorer() => new(Encoder, Options, [.. Bank.BranchNames.Select(Bank.CreateSearch)], Environment.ProcessorCount, TimeProvider.System);

    public void Dispose()
    {
        Scorer.Dispose();
        Bank.Dispose();
        Encoder.Dispose();
        File.Delete(_path);
    }
}
