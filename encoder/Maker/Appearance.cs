using MrfAd.Engine.Images;

namespace MrfAd.Maker;

/// <summary>Whether there is something to be seen in an 8-bit picture, in grey levels.</summary>
public readonly struct Appearance
{
    public Appearance(Image image)
    {
        var samples = image.Bytes;
        var (channels, row) = (image.Channels, image.Width * image.Channels);
        double steps = 0;
        var sums = new double[channels];
        for (var i = 0; i < samples.Length; i++)
        {
            sums[i % channels] += samples[i];
            if (i >= row)
                steps += Math.Abs(samples[i] - samples[i - row]) + Math.Abs(samples[i] - samples[i - channels]);
        }

        Detail = steps / (2.0 * samples.Length);
        var count = samples.Length;
        Mean = [.. sums.Select(s => s * channels / count)];
    }

    /// <summary>Of each channel.</summary>
    public IReadOnlyList<double> Mean { get; }

    /// <summary>The mean step between neighbours.</summary>
    public double Detail { get; }

    /// <summary>Neither black, nor empty, nor the pale blue of a map of normals.</summary>
    public bool Shows => Mean.Average() > 25 && Detail > 1 && !(Mean is [> 100 and < 156, > 100 and < 156, > 200]);
}
