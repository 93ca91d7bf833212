namespace MrfAd.Station.Gpio;

/// <summary>A line that is watched for rising edges; the kernel keeps edges until they are waited for.</summary>
public interface IGpioInput : IDisposable
{
    /// <summary>Waits for a rising edge.</summary>
    /// <returns>False where none came within the timeout.</returns>
    /// <exception cref="GpioException">The line cannot be read.</exception>
    bool WaitForEdge(TimeSpan timeout);
}
