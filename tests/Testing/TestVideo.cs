using System.Diagnostics;
using Xunit;

namespace MrfAd.Testing;

/// <summary>Makes short videos with ffmpeg.</summary>
public static class TestVideo
{
    private const string Executable = "/usr/bin/ffmpeg";

    /// <summary>Writes a video of grey frames, each brighter than the one before, in the format that the extension of the path selects.</summary>
    public static void Write(string path, int frames)
    {
        Requires.Program(Executable, package: "ffmpeg");
        string[] arguments =
        [
            "-nostdin", "-loglevel", "error", "-y",
            "-f", "lavfi", "-i", "color=black:size=64x48:rate=10,geq=lum=20+20*N:cb=128:cr=128",
            "-frames:v", $"{frames}", "-c:v", "mpeg4", "-qscale:v", "2", path,
        ];
        using var ffmpeg = Process.Start(Executable, arguments);
        ffmpeg.WaitForExit();
        Assert.Equal(0, ffmpeg.ExitCode);
    }
}
