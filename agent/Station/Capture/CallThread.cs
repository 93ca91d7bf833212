using System.Collections.Concurrent;

namespace MrfAd.Station.Capture;

/// <summary>A thread that runs calls in order until it is told that no more come. It does not keep the process alive.</summary>
internal sealed class CallThread
{
    private readonly BlockingCollection<Action> _calls = [];

    public CallThread(string name) => new Thread(Run) { IsBackground = true, Name = name }.Start();

    /// <param name="call">A call that throws nothing.</param>
    public void Post(Action call) => _calls.Add(call);

    /// <summary>Lets the thread end after the calls that it has.</summary>
    public void Complete() => _calls.CompleteAdding();

    private void Run()
    {
        foreach (var call in _calls.GetConsumingEnumerable())
            call();
        _calls.Dispose();
    }
}
