using MrfAd.Station.Options;

namespace MrfAd.Station.Gpio;

/// <summary>Opens the GPIO lines of the machine. The interface is thin, so that little is left untested where tests replace it.</summary>
public interface IGpio
{
    /// <summary>Opens a line to watch its rising edges.</summary>
    /// <exception cref="GpioException">There is no such line, or another program uses it.</exception>
    IGpioInput OpenInput(GpioAddress address);

    /// <summary>Opens a line as an output, inactive until it is driven.</summary>
    /// <exception cref="GpioException">There is no such line, or another program uses it.</exception>
    IGpioOutput OpenOutput(GpioAddress address, bool activeLow);
}
