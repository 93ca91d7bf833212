using Xunit;

namespace MrfAd.Testing;

/// <summary>A GPIO chip of the kernel's own simulator, gpio-sim (Linux 5.17 and newer), whose pins a test drives and reads from outside.</summary>
public sealed class GpioSimulator : IDisposable
{
    private const string Configuration = "/sys/kernel/config/gpio-sim";

    private readonly string _folder = Path.Combine(Configuration, $"mrfad-{Guid.NewGuid():N}");
    private readonly string _lines;

    /// <param name="hog">A line that is used by a driver under the name "reject-gate".</param>
    public GpioSimulator(int lines, int hog)
    {
        Assert.SkipUnless(
            Directory.Exists(Configuration),
            "the kernel simulates no GPIO lines (as root: modprobe gpio-sim && mount -t configfs none /sys/kernel/config; where the distribution's kernel has the module)");
        var bank = Path.Combine(_folder, "bank0");
        Directory.CreateDirectory(_folder);
        Directory.CreateDirectory(bank);
        File.WriteAllText(Path.Combine(bank, "num_lines"), $"{lines}");
        File.WriteAllText(Path.Combine(bank, "label"), Label);
        foreach (var folder in (string[])[$"line{hog}", $"line{hog}/hog"])
            Directory.CreateDirectory(Path.Combine(bank, folder));
        File.WriteAllText(Path.Combine(bank, $"line{hog}/hog/name"), "reject-gate");
        File.WriteAllText(Path.Combine(bank, $"line{hog}/hog/direction"), "input");
        File.WriteAllText(Path.Combine(_folder, "live"), "1");
        Chip = File.ReadAllText(Path.Combine(bank, "chip_name")).Trim();
        _lines = Path.Combine("/sys/devices/platform", File.ReadAllText(Path.Combine(_folder, "dev_name")).Trim(), Chip);
    }

    /// <summary>The name of the chip: gpiochip0, or the next free one.</summary>
    public string Chip { get; }

    public string Label { get; } = $"mrfad-{Guid.NewGuid():N}"[..16];

    /// <summary>Drives a pin from outside, high or low.</summary>
    public void Pull(int line, bool up) => File.WriteAllText(Path.Combine(_lines, $"sim_gpio{line}", "pull"), up ? "pull-up" : "pull-down");

    /// <returns>True where the pin is high.</returns>
    public bool IsHigh(int line) => File.ReadAllText(Path.Combine(_lines, $"sim_gpio{line}", "value")).Trim() == "1";

    /// <summary>Removes the chip, as if a USB adapter were unplugged.</summary>
    public void Remove() => File.WriteAllText(Path.Combine(_folder, "live"), "0");

    public void Dispose()
    {
        if (!Directory.Exists(_folder))
            return;
        if (File.ReadAllText(Path.Combine(_folder, "live")).Trim() == "1")
            Remove();
        var bank = Path.Combine(_folder, "bank0");
        foreach (var line in Directory.GetDirectories(bank, "line*"))
        {
            if (Directory.Exists(Path.Combine(line, "hog")))
                Directory.Delete(Path.Combine(line, "hog"));
            Directory.Delete(line);
        }

        Directory.Delete(bank);
        Directory.Delete(_folder);
    }
}
