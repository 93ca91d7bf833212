using MrfAd.Engine.Codes;
using MrfAd.Station.Options;

namespace MrfAd.Station.Capture;

/// <summary>
/// Begins to read the code of each frame when the frame is queued, on a thread of its own and from a copy of the region: frames of other cameras are inspected meanwhile,
/// and the inspection waits only for what is left. The frames of one camera are read one after the other.
/// </summary>
public sealed class CodeReadings
{
    private readonly Dictionary<Camera, CameraCodes> _cameras;

    public CodeReadings(IReadOnlyList<Camera> cameras, PendingShots shots, TimeProvider clock)
    {
        _cameras = cameras.Where(c => c.Options.Code is not null).ToDictionary(c => c, c => new CameraCodes(c.Options.Code!, clock));
        if (_cameras.Count > 0)
            shots.Adding += Begin;
    }

    private void Begin(Shot shot)
    {
        if (shot.Frame is { } frame && _cameras.TryGetValue(shot.Camera, out var codes))
            shot.Code = codes.Begin(frame);
    }

    /// <summary>Reads the codes of one camera.</summary>
    private sealed class CameraCodes(CodeOptions options, TimeProvider clock)
    {
        private readonly CodeReader _reader = new(options.Formats, options.TimeLimit, clock);
        private Task _last = Task.CompletedTask;

        public Task<CodeReading> Begin(Frame frame)
        {
            try
            {
                var grey = CodeReader.Cut(frame.Image, options.Box);
                var reading = _last.ContinueWith(_ => Read(grey), CancellationToken.None, TaskContinuationOptions.LongRunning, TaskScheduler.Default);
                _last = reading;
                return reading;
            }
            catch (Exception e)
            {
                return Task.FromResult(Failed(e));
            }
        }

        private CodeReading Read(Engine.Images.Image grey)
        {
            using (grey)
            {
                try
                {
                    return _reader.Read(grey, options.Box?.X ?? 0, options.Box?.Y ?? 0);
                }
                catch (Exception e)
                {
                    return Failed(e);
                }
            }
        }

        private static CodeReading Failed(Exception error) => CodeReading.Unread(error is ArgumentException ? error.Message : $"reading failed: {ErrorText.Of(error)}");
    }
}
