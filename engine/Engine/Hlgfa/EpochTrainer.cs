namespace MrfAd.Engine.Hlgfa;

/// <summary>
/// Runs one epoch after another: each image once, in a random order and in a random version (clean or noisy) of the cache, then the loss on
/// held-out images. Random choices depend on seed and epoch alone, so a resumed training ends with the same result as an unbroken one.
/// </summary>
internal sealed class EpochTrainer : IDisposable
{
    private readonly HlgfaOptions _options;
    private readonly FeatureCache _cache;
    private readonly int _trained;
    private readonly int _images;
    private readonly int _micro;
    private readonly int _batch;
    private readonly TrainingStep _step;
    private readonly TrainingStep _judge;

    public EpochTrainer(IReadOnlyList<HlgfaStage> stages, HlgfaOptions options, HlgfaParameters parameters, FeatureCache cache, int trained, int images, int threads)
    {
        (_options, _cache, _trained, _images) = (options, cache, trained, images);
        _batch = Math.Min(options.Batch, trained);
        _micro = Enumerable.Range(1, Math.Min(options.MicroBatch, _batch)).Last(part => _batch % part == 0); // a divisor of the batch, or an image would be in two batches
        _step = new TrainingStep(stages, options, parameters, _micro, learns: true, threads);
        _judge = new TrainingStep(stages, options, parameters, 1, learns: false, threads);
    }

    /// <exception cref="NotFiniteNumberException">A loss is not finite.</exception>
    public TrainingState Next(TrainingState state, CancellationToken cancellation)
    {
        var (updates, before) = (state.Progress.Updates, state.Progress);
        _step.Begin(state.Theta, state.First, state.Second);
        var random = new Random(unchecked((_options.Seed * 1_000_003) + before.Epochs));
        var order = Enumerable.Range(0, _trained).ToArray();
        random.Shuffle(order);
        var terms = new double[_step.Terms.Count];
        var runs = 0;
        for (var begin = 0; begin < _trained; begin += _batch)
        {
            updates++;
            var parts = (Math.Min(_batch, _trained - begin) + _micro - 1) / _micro;
            for (var part = 0; part < parts; part++)
            {
                cancellation.ThrowIfCancellationRequested();
                for (var slot = 0; slot < _micro; slot++)
                {
                    var image = order[(begin + (part * _micro) + slot) % _trained]; // the last part of an epoch is filled from its beginning
                    _cache.Read((image * (1 + _options.NoisyVersions)) + random.Next(1 + _options.NoisyVersions), _step, slot);
                }

                Finite(_step.Learn(1f / parts, part == parts - 1, Rate(updates), updates), "the loss is not finite");
                runs++;
                foreach (var (value, i) in _step.TermValues.Select((value, i) => (value, i)))
                    terms[i] += value;
            }
        }

        var theta = _step.Theta.ToArray();
        var heldOut = Finite(HeldOut(theta, cancellation), "the loss on held-out images is not finite");
        var better = heldOut < before.BestLoss;
        var losses = _step.Terms.Zip(terms).ToDictionary(t => t.First, t => t.Second / runs);
        var progress = new TrainingProgress(
            before.Epochs + 1, updates, better ? before.Epochs + 1 : before.BestEpoch, better ? heldOut : before.BestLoss, losses, before.Seconds, before.CpuSeconds);
        return new TrainingState(progress, theta, _step.First.ToArray(), _step.Second.ToArray(), better ? theta : state.Best);
    }

    public void Dispose()
    {
        _step.Dispose();
        _judge.Dispose();
    }

    private double HeldOut(float[] theta, CancellationToken cancellation)
    {
        theta.CopyTo(_judge.Theta);
        var sum = 0.0;
        for (var i = _trained; i < _images; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            _cache.Read((_trained * (1 + _options.NoisyVersions)) + i - _trained, _judge, 0);
            sum += _judge.Loss();
        }

        return sum / (_images - _trained);
    }

    private double Rate(int update) =>
        CosineAnnealing.Rate(_options.LearningRate, _options.LastLearningRate, update - 1, _options.Epochs * ((_trained + _batch - 1) / _batch));

    private static double Finite(double loss, string otherwise) => double.IsFinite(loss) ? loss : throw new NotFiniteNumberException(otherwise, loss);
}
