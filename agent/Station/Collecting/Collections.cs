using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Collecting;

/// <summary>The cameras and products that had no model when the station started: their frames, and the model that is learned from them.</summary>
/// <param name="frames">The frames that are kept; null where the station does not collect.</param>
/// <param name="models">The models that are to be learned.</param>
public sealed class Collections(CollectingOptions options, CollectedFrames? frames, IReadOnlyList<FirstModel> models)
{
    /// <summary>The options of collecting.</summary>
    public CollectingOptions Options => options;

    /// <summary>The frames that are kept; null where nothing is collected.</summary>
    public CollectedFrames? Frames => frames;

    /// <summary>The models that are to be learned, or were since the start.</summary>
    public IReadOnlyList<FirstModel> Models => models;

    /// <summary>Raised after each change of a frame, and each step of learning, on the thread that made it.</summary>
    public event Action Changed
    {
        add
        {
            if (frames is not null)
                frames.Changed += value;
            foreach (var model in models)
                model.Changed += value;
        }
        remove
        {
            if (frames is not null)
                frames.Changed -= value;
            foreach (var model in models)
                model.Changed -= value;
        }
    }

    /// <param name="product">The product; null where the station has none.</param>
    /// <returns>The model of a camera and product; null where it had one when the station started.</returns>
    public FirstModel? Of(string camera, string? product) => models.FirstOrDefault(m => m.Bank.Judges(camera, product));

    /// <returns>The collection of a camera, as the command's reply and the page show it.</returns>
    public CollectResult Describe(FirstModel model, string camera) => new()
    {
        Camera = camera,
        Product = model.Bank.Product,
        Good = model.Good().Count,
        Wanted = options.MinParts,
        Others = frames?.Of(camera, model.Bank.Product).Count(f => !f.IsGood) ?? 0,
        Learning = model.Progress is not null,
        Failure = model.Failure,
    };

    /// <summary>Calls parts good, or takes that back.</summary>
    /// <exception cref="UpdateRefusedException">One of the frames is not kept for the camera and product, or they are being learned; the frames before it are marked.</exception>
    /// <exception cref="IOException">A file cannot be moved.</exception>
    public void Mark(FirstModel model, string camera, IReadOnlyList<Guid> ids, bool isGood)
    {
        if (!model.Bank.Detector.IsCollecting && ids.Any())
            throw new UpdateRefusedException("there is a model by now, which judges: collect with 'mrfad collect' for another one, or teach it by corrections");
        if (!isGood && ids.Any() && model.Progress is not null)
            throw new UpdateRefusedException("the good parts are being learned: try again when that is finished");
        foreach (var id in ids)
        {
            var isThere = frames?.Find(id) is { } frame && frame.Camera == camera && frame.Product == model.Bank.Product && frames.Mark(id, isGood);
            if (!isThere)
                throw new UpdateRefusedException($"the frame {id} is not kept for {camera}, or no longer: newer ones have taken its place");
        }
    }
}
