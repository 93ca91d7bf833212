using System.Diagnostics;
using System.Runtime.InteropServices;
using MrfAd.Station.Gpio;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Gpio;

/// <summary>Compares with the kernel's headers everywhere, and uses its lines where it simulates some.</summary>
public sealed class GpioCharacterDeviceTests
{
    private const int Hog = 3;

    private static TimeSpan WaitTimeout => TestTimeout.Value;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    private readonly GpioCharacterDevice _gpio = new();

    [Fact]
    public void A_chip_that_is_not_there_is_named()
    {
        var error = Assert.Throws<GpioException>(() => _gpio.OpenInput(new GpioAddress("gpiochip99", 3)));

        Assert.StartsWith("gpiochip99:3: there is no such chip: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(", got 'gpiochip99'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_is_no_chip_is_named() =>
        Assert.Equal("/dev/null:3: /dev/null is no GPIO chip", Assert.Throws<GpioException>(() => _gpio.OpenOutput(new GpioAddress("/dev/null", 3), false)).Message);

    [Fact]
    public void A_chip_that_is_for_others_is_named_with_what_to_do()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root may open everything: run the tests as an ordinary user");
        using var folder = new TemporaryFolder();
        var chip = folder.File("gpiochip0");
        File.Create(chip).Dispose();
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(chip, UnixFileMode.None);

        var error = Assert.Throws<GpioException>(() => _gpio.OpenInput(new GpioAddress(chip, 0)));

        Assert.Contains("permission denied", error.Message, StringComparison.Ordinal);
        Assert.Contains("SupplementaryGroups=", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Structures_and_requests_are_those_of_the_kernels_header()
    {
        var gcc = Requires.OnPath("gcc", package: "gcc libc6-dev");
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("layout.c"), """
            #include <linux/gpio.h>
            #include <poll.h>
            #include <stddef.h>
            #include <stdio.h>
            #define AT(type, field) (unsigned long)offsetof(struct type, field)
            int main(void)
            {
                printf("%lu %lu %lu %lu\n", (unsigned long)GPIO_GET_CHIPINFO_IOCTL, (unsigned long)GPIO_V2_GET_LINEINFO_IOCTL, (unsigned long)GPIO_V2_GET_LINE_IOCTL, (unsigned long)GPIO_V2_LINE_SET_VALUES_IOCTL);
                printf("%lu %lu %lu\n", AT(gpiochip_info, name), AT(gpiochip_info, label), AT(gpiochip_info, lines));
                printf("%lu %lu %lu %lu\n", AT(gpio_v2_line_info, name), AT(gpio_v2_line_info, consumer), AT(gpio_v2_line_info, offset), AT(gpio_v2_line_info, flags));
                printf("%lu %lu %lu %lu %lu %lu\n", AT(gpio_v2_line_request, offsets), AT(gpio_v2_line_request, consumer), AT(gpio_v2_line_request, config.flags),
                    AT(gpio_v2_line_request, num_lines), AT(gpio_v2_line_request, event_buffer_size), AT(gpio_v2_line_request, fd));
                printf("%lu %lu %lu\n", AT(gpio_v2_line_values, bits), AT(gpio_v2_line_values, mask), (unsigned long)sizeof(struct gpio_v2_line_event));
                printf("%d %d %d %d %d\n", GPIO_V2_LINE_FLAG_USED, GPIO_V2_LINE_FLAG_ACTIVE_LOW, GPIO_V2_LINE_FLAG_INPUT, GPIO_V2_LINE_FLAG_OUTPUT, GPIO_V2_LINE_FLAG_EDGE_RISING);
                printf("%d %d %lu\n", POLLIN, POLLERR | POLLHUP, (unsigned long)sizeof(struct pollfd));
                return 0;
            }
            """);
        using (var compile = Process.Start(new ProcessStartInfo(gcc, [folder.File("layout.c"), "-o", folder.File("layout")]) { RedirectStandardError = true })!)
        {
            var errors = compile.StandardError.ReadToEnd();
            compile.WaitForExit();
            Assert.SkipWhen(errors.Contains("linux/gpio.h", StringComparison.Ordinal), "the kernel's headers are not installed (apt-get install linux-libc-dev)");
            Assert.True(compile.ExitCode == 0, errors);
        }

        using var layout = Process.Start(new ProcessStartInfo(folder.File("layout")) { RedirectStandardOutput = true })!;
        var header = layout.StandardOutput.ReadToEnd();

        Assert.Equal(
            $"""
            {GpioUapi.GetChipInfo} {GpioUapi.GetLineInfo} {GpioUapi.GetLine} {GpioUapi.SetLineValues}
            {At<GpioUapi.ChipInfo>("Name")} {At<GpioUapi.ChipInfo>("Label")} {At<GpioUapi.ChipInfo>("Lines")}
            {At<GpioUapi.LineInfo>("Name")} {At<GpioUapi.LineInfo>("Consumer")} {At<GpioUapi.LineInfo>("Offset")} {At<GpioUapi.LineInfo>("Flags")}
            {At<GpioUapi.LineRequest>("FirstOffset")} {At<GpioUapi.LineRequest>("Consumer")} {At<GpioUapi.LineRequest>("Flags")} {At<GpioUapi.LineRequest>("Lines")} {At<GpioUapi.LineRequest>("EventBufferSize")} {At<GpioUapi.LineRequest>("File")}
            {At<GpioUapi.LineValues>("Bits")} {At<GpioUapi.LineValues>("Mask")} {Marshal.SizeOf<GpioUapi.LineEvent>()}
            {GpioUapi.LineModes.Used:D} {GpioUapi.LineModes.ActiveLow:D} {GpioUapi.LineModes.Input:D} {GpioUapi.LineModes.Output:D} {GpioUapi.LineModes.EdgeRising:D}
            {GpioUapi.Poll.In} {GpioUapi.Poll.Gone} {Marshal.SizeOf<GpioUapi.Poll>()}

            """,
            header);
        Assert.Equal((GpioUapi.ChipInfo.Size, GpioUapi.LineInfo.Size), (Marshal.SizeOf<GpioUapi.ChipInfo>(), Marshal.SizeOf<GpioUapi.LineInfo>()));
    }

    [Fact]
    public void Each_rising_edge_is_seen_once_though_nobody_waits_when_it_comes_and_a_falling_one_is_not()
    {
        using var chip = new GpioSimulator(lines: 8, Hog);
        using var line = _gpio.OpenInput(new GpioAddress(chip.Chip, 5));
        Assert.False(line.WaitForEdge(TimeSpan.Zero));

        // One after the other, because the kernel itself merges edges within microseconds.
        for (var i = 0; i < 100; i++)
        {
            chip.Pull(5, up: true);
            chip.Pull(5, up: false);
            Assert.True(line.WaitForEdge(WaitTimeout), $"edge {i}");
        }

        Assert.False(line.WaitForEdge(PollInterval));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_output_is_inactive_until_it_is_driven(bool activeLow)
    {
        using var chip = new GpioSimulator(lines: 8, Hog);
        chip.Pull(2, up: !activeLow);
        using var line = _gpio.OpenOutput(new GpioAddress(chip.Chip, 2), activeLow);
        Assert.Equal(activeLow, chip.IsHigh(2));

        line.Drive(true);
        Assert.Equal(!activeLow, chip.IsHigh(2));
        line.Drive(false);
        Assert.Equal(activeLow, chip.IsHigh(2));
    }

    [Fact]
    public void A_line_that_somebody_has_is_named_with_who_has_it()
    {
        using var chip = new GpioSimulator(lines: 8, Hog);
        var (hog, ours) = (new GpioAddress(chip.Chip, Hog), new GpioAddress(chip.Chip, 1));
        using var line = _gpio.OpenOutput(ours, activeLow: false);

        Assert.Equal($"{hog} is busy: it is used by 'reject-gate'", Assert.Throws<GpioException>(() => _gpio.OpenInput(hog)).Message);
        Assert.Equal($"{ours} is busy: it is used by 'mrfad'", Assert.Throws<GpioException>(() => _gpio.OpenInput(ours)).Message);
        line.Dispose();
        _gpio.OpenInput(ours).Dispose();
    }

    [Fact]
    public void A_line_that_the_chip_does_not_have_is_named_with_those_that_it_has()
    {
        using var chip = new GpioSimulator(lines: 8, Hog);

        var error = Assert.Throws<GpioException>(() => _gpio.OpenInput(new GpioAddress(chip.Chip, 8)));

        Assert.Equal($"{chip.Chip}:8: there is no such line: {chip.Chip} ({chip.Label}) has the lines 0 to 7, got 8", error.Message);
        Assert.Contains($"{chip.Chip} ({chip.Label}) has the lines 0 to 7", Assert.Throws<GpioException>(() => _gpio.OpenInput(new GpioAddress("gpiochip99", 3))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chip_is_a_name_a_path_a_number_or_a_label()
    {
        using var chip = new GpioSimulator(lines: 8, Hog);

        foreach (var name in (string[])[chip.Chip, $"/dev/{chip.Chip}", chip.Chip["gpiochip".Length..], chip.Label])
            _gpio.OpenOutput(new GpioAddress(name, 0), activeLow: false).Dispose();
    }

    [Fact]
    public async Task A_chip_that_is_removed_ends_the_wait_for_an_edge_and_the_next_pulse_with_its_name()
    {
        using var chip = new GpioSimulator(lines: 8, Hog);
        var address = new GpioAddress(chip.Chip, 5);
        using var input = _gpio.OpenInput(address);
        using var output = _gpio.OpenOutput(new GpioAddress(chip.Chip, 6), activeLow: false);
        var waiting = Task.Run(() =>
        {
            while (!input.WaitForEdge(PollInterval))
            {
                // None yet.
            }
        }, TestContext.Current.CancellationToken);

        chip.Remove();

        Assert.StartsWith($"{address} ", (await Assert.ThrowsAsync<GpioException>(() => waiting.WaitAsync(WaitTimeout))).Message, StringComparison.Ordinal);
        Assert.StartsWith($"{chip.Chip}:6 cannot be set: ", Assert.Throws<GpioException>(() => output.Drive(true)).Message, StringComparison.Ordinal);
    }

    private static nint At<T>(string field)
        where T : struct => Marshal.OffsetOf<T>(field);
}
