namespace MrfAd.Station.Gpio;

/// <summary>A line that is watched for rising edges; the kernel keeps those that nobody waits for.</summary>
public interface IGpioInput : IDisposable
{
    /// <returns>False where none came in time.</returns>
    /// <exception cref="GpioException">The line cannot be read.</exception>
    bool WaitForEdge(TimeSpan patience);
}
