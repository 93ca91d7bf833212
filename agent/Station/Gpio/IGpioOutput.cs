namespace MrfAd.Station.Gpio;

/// <summary>A line that we drive; inactive again when disposed of.</summary>
public interface IGpioOutput : IDisposable
{
    /// <exception cref="GpioException">The line cannot be set.</exception>
    void Drive(bool active);
}
