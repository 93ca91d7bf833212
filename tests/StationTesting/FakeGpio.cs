using System.Collections.Concurrent;
using MrfAd.Station.Gpio;
using MrfAd.Station.Options;

namespace MrfAd.Testing;

/// <summary>Lines that a test raises and reads.</summary>
public sealed class FakeGpio : IGpio
{
    private readonly BlockingCollection<bool> _edges = [];

    /// <summary>What the output was set to, and when, on the clock's tick counter.</summary>
    public ConcurrentQueue<(bool Active, long At)> Pulses { get; } = [];

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public void Raise() => _edges.Add(true);

    public IGpioInput OpenInput(GpioAddress address) => new Input(_edges);

    public IGpioOutput OpenOutput(GpioAddress address, bool activeLow) => new Output(this);

    private sealed class Input(BlockingCollection<bool> edges) : IGpioInput
    {
        public bool WaitForEdge(TimeSpan timeout) => edges.TryTake(out _, timeout);

        public void Dispose()
        {
        }
    }

    private sealed class Output(FakeGpio gpio) : IGpioOutput
    {
        public void Drive(bool active) => gpio.Pulses.Enqueue((active, gpio.Clock.GetTimestamp()));

        public void Dispose()
        {
        }
    }
}
