using MrfAd.Engine.Images;

namespace MrfAd.Station.Capture;

/// <summary>A picture that a caller waits for; an image that comes too late is disposed.</summary>
public sealed class Snapshot
{
    private readonly TaskCompletionSource<Image> _image = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the image, which the waiting caller owns.</summary>
    public Task<Image> Image => _image.Task;

    /// <summary>Hands over the image of a shot, or fails with its reason.</summary>
    public void Take((Frame? Frame, NoFrame? Failure) shot)
    {
        if (shot.Frame is null)
            Fail(shot.Failure!.Text);
        else if (!_image.TrySetResult(shot.Frame.Image))
            shot.Frame.Image.Dispose();
    }

    /// <summary>Hands over a copy of an image.</summary>
    public void Copy(Image image)
    {
        var copy = new Image(image.Width, image.Height, image.Channels, image.Depth);
        image.Bytes.CopyTo(copy.Bytes);
        if (!_image.TrySetResult(copy))
            copy.Dispose();
    }

    /// <summary>Fails the wait with an <see cref="IOException"/>.</summary>
    public void Fail(string why) => _image.TrySetException(new IOException(why));
}
