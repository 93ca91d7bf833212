using System.CommandLine;
using MrfAd.Cli.Commands;
using MrfAd.Platform;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Commands;

public sealed class CollectCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--camera top", "--camera: want folder:PATH, folder:PATH?watch=true, file:PATH, ")]
    [InlineData("--camera ftp://line:geheim@host/top", "got 'ftp://***@host/top'")]
    [InlineData("--camera folder:nowhere", "--camera: there is no folder 'nowhere'")]
    [InlineData("--camera file:nowhere.mp4", "--camera: there is no file 'nowhere.mp4'")]
    [InlineData("--camera v4l2:0 --trigger line", "--trigger: only gige: and usb3: cameras have a line of their own, got \"line\"")]
    [InlineData("--camera http: --trigger key", "--trigger: uploads trigger it: want \"http\", got \"key\"")]
    [InlineData("--camera mqtt:line/image --interval 1s", "--trigger: messages trigger it: want \"mqtt\", got \"interval\"")]
    [InlineData("--camera folder:.?watch=true --trigger key", "--trigger: a watched folder triggers itself: want \"free_run\", got \"key\"")]
    [InlineData("--camera v4l2:0 --trigger gpio", "--trigger-line: ")]
    [InlineData("--camera v4l2:0 --trigger gpio --trigger-line 17", "--trigger-line: ")]
    [InlineData("--camera v4l2:0 --trigger key --trigger-line gpiochip0:17", "--trigger-line: has no effect")]
    [InlineData("--camera v4l2:0 --trigger mqtt", "--trigger mqtt: want --station site/line/station")]
    [InlineData("--camera v4l2:0 --trigger mqtt --station press", "--station: want site/line/station")]
    [InlineData("--camera v4l2:0 --trigger key --interval 1s", "--interval: has no effect with --trigger key")]
    [InlineData("--camera v4l2:0 --interval 5", "--interval: want a duration such as 500ms, 2s or 1m, got '5'")]
    [InlineData("--camera v4l2:0 --interval 48h", "--interval: want 1ms to 24h")]
    [InlineData("--camera v4l2:0 --count 0", "--count: want at least 1, got 0")]
    [InlineData("--camera v4l2:0 --port 70000", "--port: want 0 to 65535, got 70000")]
    [InlineData("--camera v4l2:0 --profile nowhere.json", "--profile: there is no file 'nowhere.json'")]
    public async Task A_wrong_option_is_named_with_what_is_wanted(string arguments, string error)
    {
        var thrown = await RunAsync([.. arguments.Split(' '), "--out", _folder.File("good")]);

        Assert.Contains(error, thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", thrown.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("parts")]
    [InlineData("parts/good")]
    public async Task A_folder_that_the_camera_reads_is_refused(string below)
    {
        Directory.CreateDirectory(_folder.File("parts"));

        var thrown = await RunAsync(["--camera", $"folder:{_folder.File("parts")}?watch=true", "--out", _folder.File(below)]);
        Assert.Contains("--out: want a folder outside that of the camera", thrown.Message, StringComparison.Ordinal);
    }

    private static Task<UsageException> RunAsync(string[] arguments) => Assert.ThrowsAsync<UsageException>(() =>
        ProductCommand.Create(TimeProvider.System).Parse(["collect", .. arguments]).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken));
}
