using MrfAd.Station.Capture;
using MrfAd.Station.Options;

namespace MrfAd.Station.GenICam;

/// <summary>
/// Reads frames of a GenICam camera on a thread of its own. Each request sends the camera a software trigger; a camera that is triggered by its line or runs
/// freely is read all the time. A lost camera is opened again without a limit of attempts.
/// </summary>
public sealed class GenICamSource : IFrameSource
{
    private static readonly TimeSpan CallCheckInterval = TimeSpan.FromSeconds(1);

    // The camera's thread may wait for answers of a dead camera for some seconds; nothing else waits for it.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    private readonly Func<GenICamCamera> _open;
    private readonly CameraProgress _progress;
    private readonly GenICamCapture _capture;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly ITimer _callCheck;

    /// <summary>Starts the thread that opens and reads the camera.</summary>
    /// <param name="problem">Called with the reason when frames stop coming, and with null when they come again.</param>
    /// <param name="mismatch">Called with the kind and number of frames that triggers and counter disagree about, see <see cref="CameraProgress"/>.</param>
    public GenICamSource(CameraOptions options, TimeProvider clock, Action<string?> problem, Action<string, long> mismatch)
    {
        var address = SourceAddress.Parse(options.Source);
        var profile = options.Profile is { } path ? CameraProfile.Read(path) : new CameraProfile();
        _open = () => new GenICamCamera(GenICamDevice.Find(address.Kind, address.Place), profile, options.Trigger, clock);
        var isFree = options.Trigger == TriggerMode.FreeRun;
        var silence = isFree ? new SilenceLimit(options.StallAfter) : null;
        IsLive = isFree || options.Trigger == TriggerMode.Line;
        _progress = new CameraProgress(options.Source, isSilent: isFree, clock, problem, mismatch);
        _capture = !IsLive ? new TriggeredCapture(_progress, _stop.Token)
            : options.PolicyInForce == Backpressure.Latest ? new LatestFrameCapture(_progress, silence, clock, _stop.Token)
            : new EveryFrameCapture(_progress, silence, clock, _stop.Token);
        _thread = new Thread(Run) { IsBackground = true, Name = $"camera {options.Source}" };
        _thread.Start();
        _callCheck = clock.CreateTimer(_ => _progress.CheckCall(BlockingCalls.DefaultLimit), null, CallCheckInterval, CallCheckInterval);
    }

    public bool IsLive { get; }

    public ValueTask<Frame?> NextAsync(CancellationToken cancellationToken) => _capture.NextAsync(cancellationToken);

    public void Dispose()
    {
        _callCheck.Dispose();
        _stop.Cancel();
        if (!_thread.Join(StopTimeout))
            return;
        _capture.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Read();
            }
            catch (CameraLostException e)
            {
                _progress.ReportLost(e);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever a driver throws costs its camera; on this thread it would end the process.
                _progress.ReportLost(new CameraLostException(ErrorText.Of(e)));
            }

            _stop.Token.WaitHandle.WaitOne(_progress.NextReopenDelay());
        }
    }

    private GenICamCamera Open()
    {
        _progress.BeginCall();
        try
        {
            return _open();
        }
        finally
        {
            _progress.EndCall();
        }
    }

    private void Read()
    {
        _progress.Enter("is being opened");
        using var camera = Open();
        _progress.Enter("is open and sends nothing");
        if (!_progress.IsSilent)
            _progress.ReportDelivery();
        _capture.Run(camera);
    }
}
