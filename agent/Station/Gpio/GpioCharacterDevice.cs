using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Gpio;

/// <summary>
/// Opens GPIO lines by the character devices of the kernel, Linux 5.10 and newer; no library is needed
/// (docs/decisions/gpio.md). A chip is a name (gpiochip0), a path, a number or the label that its driver gives it.
/// </summary>
public sealed unsafe class GpioCharacterDevice : IGpio
{
    private const string Folder = "/dev";

    // The name under which programs such as gpioinfo list us as the user of a line.
    private const string Consumer = "mrfad";

    // 1024: the maximum number of unread edges that the kernel keeps for a line (GPIO_V2_LINES_MAX × 16).
    private const uint MaxKeptEdges = 1024;

    private const int Interrupted = 4; // EINTR: a signal to the process, such as a child's end, cut the wait short
    private const int Busy = 16; // EBUSY
    private const int Invalid = 22; // EINVAL
    private const int NotForThisFile = 25; // ENOTTY

    public IGpioInput OpenInput(GpioAddress address) => new Input(address, Request(address, GpioUapi.LineModes.Input | GpioUapi.LineModes.EdgeRising));

    public IGpioOutput OpenOutput(GpioAddress address, bool activeLow) =>
        new Output(address, Request(address, GpioUapi.LineModes.Output | (activeLow ? GpioUapi.LineModes.ActiveLow : 0)));

    private static SafeFileHandle Request(GpioAddress address, GpioUapi.LineModes flags)
    {
        using var chip = OpenChip(address, out var info);
        if (address.Line >= info.Lines)
            throw new GpioException($"{address}: there is no such line: {Describe(info)}, got {address.Line}");

        GpioUapi.LineRequest request = default;
        request.FirstOffset = (uint)address.Line;
        Encoding.UTF8.GetBytes(Consumer, new Span<byte>(request.Consumer, 32));
        request.Flags = flags;
        request.Lines = 1;
        request.EventBufferSize = flags.HasFlag(GpioUapi.LineModes.Input) ? MaxKeptEdges : 0;
        if (GpioUapi.Control(chip, GpioUapi.GetLine, &request) >= 0)
            return new SafeFileHandle(request.File, ownsHandle: true);

        var error = Marshal.GetLastPInvokeError();
        throw new GpioException(error switch
        {
            Busy => $"{address} is busy: it is used by {ConsumerOf(chip, address)}",
            Invalid or NotForThisFile => $"{address} cannot be taken: {Marshal.GetPInvokeErrorMessage(error)} (Linux 5.10 or newer is needed, and a line of that direction)",
            _ => $"{address} cannot be taken: {Marshal.GetPInvokeErrorMessage(error)}",
        });
    }

    private static SafeFileHandle OpenChip(GpioAddress address, out GpioUapi.ChipInfo info)
    {
        var path = address.Chip.StartsWith('/') ? address.Chip
            : uint.TryParse(address.Chip, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? $"{Folder}/gpiochip{number}"
            : $"{Folder}/{address.Chip}";
        if (!File.Exists(path))
            path = PathOfLabel(address);

        SafeFileHandle chip;
        try
        {
            chip = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        }
        catch (UnauthorizedAccessException)
        {
            throw new GpioException($"{address}: permission denied: {path} is for its owner and group (in the unit: SupplementaryGroups= with that group)");
        }
        catch (IOException e)
        {
            throw new GpioException($"{address}: {path} cannot be opened: {e.Message}");
        }

        if (ReadInfo(chip, out info))
            return chip;
        chip.Dispose();
        throw new GpioException($"{address}: {path} is no GPIO chip");
    }

    private static string PathOfLabel(GpioAddress address)
    {
        List<string> chips = [];
        foreach (var path in UserFiles.Files(Folder, "gpiochip*").Order(StringComparer.Ordinal))
        {
            try
            {
                using var chip = UserFiles.Access(path, () => File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite));
                if (!ReadInfo(chip, out var info))
                    continue;
                if (GpioUapi.Text(info.Label) == address.Chip)
                    return path;
                chips.Add(Describe(info));
            }
            catch (IOException e)
            {
                chips.Add($"{Path.GetFileName(path)} (cannot be opened: {e.Message})");
            }
        }

        throw new GpioException($"{address}: there is no such chip: {(chips.Count == 0 ? "this machine has none" : $"want one of {string.Join(", ", chips)}")}, got '{address.Chip}'");
    }

    private static bool ReadInfo(SafeFileHandle chip, out GpioUapi.ChipInfo info)
    {
        fixed (GpioUapi.ChipInfo* answer = &info)
            return GpioUapi.Control(chip, GpioUapi.GetChipInfo, answer) >= 0;
    }

    private static string Describe(GpioUapi.ChipInfo info) =>
        $"{GpioUapi.Text(info.Name)} ({GpioUapi.Text(info.Label)}) has the lines 0 to {(int)info.Lines - 1}";

    private static string ConsumerOf(SafeFileHandle chip, GpioAddress address)
    {
        GpioUapi.LineInfo info = default;
        info.Offset = (uint)address.Line;
        var consumer = GpioUapi.Control(chip, GpioUapi.GetLineInfo, &info) >= 0 ? GpioUapi.Text(info.Consumer) : "";
        return consumer.Length > 0 ? $"'{consumer}'" : "another driver";
    }

    private static GpioException Fault(GpioAddress address, string what) => new($"{address} {what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    private sealed class Input(GpioAddress address, SafeFileHandle line) : IGpioInput
    {
        public bool WaitForEdge(TimeSpan timeout)
        {
            var poll = new GpioUapi.Poll { File = (int)line.DangerousGetHandle(), Wanted = GpioUapi.Poll.In };
            var came = GpioUapi.Wait(&poll, 1, (int)timeout.TotalMilliseconds);
            if (came < 0 && Marshal.GetLastPInvokeError() != Interrupted)
                throw Fault(address, "cannot be waited for");
            if (came <= 0)
                return false;
            if ((poll.Got & GpioUapi.Poll.In) == 0)
                throw new GpioException($"{address} is gone: its chip was removed");

            GpioUapi.LineEvent edge;
            return GpioUapi.Take(line, &edge, GpioUapi.LineEvent.Size) == GpioUapi.LineEvent.Size ? true : throw Fault(address, "cannot be read");
        }

        public void Dispose() => line.Dispose();
    }

    private sealed class Output(GpioAddress address, SafeFileHandle line) : IGpioOutput
    {
        public void Drive(bool active)
        {
            if (!Set(active))
                throw Fault(address, "cannot be set");
        }

        public void Dispose()
        {
            if (!line.IsClosed)
                Set(active: false);
            line.Dispose();
        }

        private bool Set(bool active)
        {
            var values = new GpioUapi.LineValues { Bits = active ? 1u : 0, Mask = 1 };
            return GpioUapi.Control(line, GpioUapi.SetLineValues, &values) >= 0;
        }
    }
}
