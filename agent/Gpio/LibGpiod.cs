using System.Runtime.InteropServices;

namespace MrfAd.Agent.Gpio;

/// <summary>libgpiod 1.x (Debian 12, Ubuntu 22.04 and JetPack 6: libgpiod2) on the kernel's character devices.</summary>
public sealed unsafe partial class LibGpiod : IGpio
{
    private const string Library = "libgpiod.so.2";
    private const string Consumer = "mrfad";
    private const int ActiveLow = 1 << 2; // GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW
    private const int Interrupted = 4; // EINTR: a signal to the process, such as a child's end, cut the wait short

    public IGpioInput OpenInput(GpioAddress address) =>
        new Input(address, Get(address, line => gpiod_line_request_rising_edge_events(line, Consumer)));

    public IGpioOutput OpenOutput(GpioAddress address, bool activeLow) =>
        new Output(address, Get(address, line => gpiod_line_request_output_flags(line, Consumer, activeLow ? ActiveLow : 0, 0)));

    private static nint Get(GpioAddress address, Func<nint, int> request)
    {
        try
        {
            var line = gpiod_line_get(address.Chip, (uint)address.Line);
            if (line == 0)
                throw Fault(address, "cannot be found");
            if (request(line) == 0)
                return line;
            var fault = Fault(address, "cannot be taken");
            gpiod_line_close_chip(line);
            throw fault;
        }
        catch (DllNotFoundException)
        {
            throw new GpioException($"{address}: libgpiod is not installed (Debian 12: libgpiod2)");
        }
    }

    private static GpioException Fault(GpioAddress address, string what) => new($"{address} {what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    private sealed class Input(GpioAddress address, nint line) : IGpioInput
    {
        public bool WaitForEdge(TimeSpan patience)
        {
            var time = Timespec.Of(patience);
            var came = gpiod_line_event_wait(line, &time);
            if (came < 0 && Marshal.GetLastPInvokeError() == Interrupted)
                return false;
            Event edge;
            return came >= 0 && (came == 0 || gpiod_line_event_read(line, &edge) == 0) ? came > 0 : throw Fault(address, "cannot be read");
        }

        public void Dispose() => gpiod_line_close_chip(line);
    }

    private sealed class Output(GpioAddress address, nint line) : IGpioOutput
    {
        public void Drive(bool active)
        {
            if (gpiod_line_set_value(line, active ? 1 : 0) != 0)
                throw Fault(address, "cannot be set");
        }

        public void Dispose()
        {
            _ = gpiod_line_set_value(line, 0);
            gpiod_line_close_chip(line);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Timespec(nint Seconds, nint Nanoseconds)
    {
        public static Timespec Of(TimeSpan time) => new((nint)(time.Ticks / TimeSpan.TicksPerSecond), (nint)(time.Ticks % TimeSpan.TicksPerSecond * 100));
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Event
    {
        public Timespec At;
        public int Kind;
    }

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial nint gpiod_line_get(string chip, uint line);

    [LibraryImport(Library)]
    private static partial void gpiod_line_close_chip(nint line);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int gpiod_line_request_rising_edge_events(nint line, string consumer);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int gpiod_line_request_output_flags(nint line, string consumer, int flags, int value);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int gpiod_line_set_value(nint line, int value);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int gpiod_line_event_wait(nint line, Timespec* patience);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int gpiod_line_event_read(nint line, Event* edge);
}
