using MrfAd.Station.Options;

namespace MrfAd.Station.Gpio;

/// <summary>The machine's GPIO lines; as thin as can be, so that what the tests put in its place hides little.</summary>
public interface IGpio
{
    /// <exception cref="GpioException">There is no such line, or somebody else has it.</exception>
    IGpioInput OpenInput(GpioAddress address);

    /// <summary>The line is inactive until it is set.</summary>
    /// <exception cref="GpioException">As above.</exception>
    IGpioOutput OpenOutput(GpioAddress address, bool activeLow);
}
