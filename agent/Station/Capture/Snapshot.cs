using MrfAd.Engine.Images;

namespace MrfAd.Station.Capture;

/// <summary>A picture that somebody waits for; one that comes too late is disposed.</summary>
public sealed class Snapshot
{
    private readonly TaskCompletionSource<Image> _image = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Image> Image => _image.Task;

    public void Take((Frame? Frame, NoFrame? Failure) shot)
    {
        if (shot.Frame is null)
            Fail(shot.Failure!.Text);
        else if (!_image.TrySetResult(shot.Frame.Image))
            shot.Frame.Image.Dispose();
    }

    public void Copy(Image image)
    {
        var copy = new Image(image.Width, image.Height, image.Channels, image.Depth);
        image.Bytes.CopyTo(copy.Bytes);
        if (!_image.TrySetResult(copy))
            copy.Dispose();
    }

    public void Fail(string why) => _image.TrySetException(new IOException(why));
}
