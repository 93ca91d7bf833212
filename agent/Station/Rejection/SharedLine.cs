using MrfAd.Station.Gpio;

namespace MrfAd.Station.Rejection;

/// <summary>A line that several reject outputs drive: it is active while one of them is, and given back by the last of them.</summary>
internal sealed class SharedLine(IGpioOutput line)
{
    private readonly Lock _lock = new();
    private int _users;
    private int _active;

    public IGpioOutput Share()
    {
        _users++;
        return new Output(this);
    }

    private void Drive(int change)
    {
        lock (_lock)
        {
            var before = _active;
            _active += change;
            if (before == 0 || _active == 0)
                line.Drive(_active > 0);
        }
    }

    private void Return()
    {
        if (--_users == 0)
            line.Dispose();
    }

    private sealed class Output(SharedLine shared) : IGpioOutput
    {
        private bool _isActive;
        private bool _isReturned;

        public void Drive(bool active)
        {
            if (active == _isActive)
                return;
            _isActive = active;
            shared.Drive(active ? 1 : -1);
        }

        public void Dispose()
        {
            if (_isReturned)
                return;
            _isReturned = true;
            shared.Return();
        }
    }
}
