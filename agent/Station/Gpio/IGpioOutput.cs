namespace MrfAd.Station.Gpio;

/// <summary>A line that is driven; disposing makes it inactive.</summary>
public interface IGpioOutput : IDisposable
{
    /// <summary>Drives the line active or inactive.</summary>
    /// <exception cref="GpioException">The line cannot be set.</exception>
    void Drive(bool active);
}
