using MrfAd.Platform;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests;

public sealed class NativeLibrariesTests
{
    [Fact]
    public void Every_library_that_is_missing_is_named_once_with_the_command_that_installs_it()
    {
        var fault = Assert.Throws<NativeLibraryException>(() => NativeLibraries.Load("GStreamer", ["libc.so.6", "libno-such-1.0.so.0", "libno-such-2.so", "libno-such-2.so"], "apt-get install nosuch1"));

        Assert.Equal("GStreamer cannot be loaded: libno-such-1.0.so.0, libno-such-2.so are missing (apt-get install nosuch1)", fault.Message);
    }

    [Fact]
    public void A_file_that_is_no_library_is_reported_in_one_sentence()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("libtext.so"), "text");

        var fault = Assert.Throws<NativeLibraryException>(() => NativeLibraries.Load("Text", [folder.File("libtext.so")], "apt-get install text"));

        Assert.StartsWith("Text cannot be loaded: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("libtext.so: file too short", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }
}
