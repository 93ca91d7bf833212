using System.Diagnostics;
using System.Runtime.InteropServices;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Commands;

/// <summary>The real <c>mrfad</c> on a machine without a library that OpenCV's native library needs.</summary>
public sealed class MissingLibraryTests : IDisposable
{
    private const string Library = "runtimes/linux-x64/native/libOpenCvSharpExtern.so";
    private const string Sentence = "OpenCV cannot be loaded: libgtk-9.so.0 is missing (apt-get install libgtk-3-0 libdrm2 libatomic1; on Debian 13 and Ubuntu 24.04 libgtk-3-0t64)";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("run", "--config", "CONFIG")]
    [InlineData("inspect", "part.png", "--bank", "part.mrfbank")]
    [InlineData("learn", "good", "--out", "part.mrfbank")]
    public async Task A_command_that_needs_images_says_so_in_one_sentence_before_anything_else(params string[] arguments)
    {
        InstallWithoutGtk();

        var (code, output, errors) = await RunAsync([.. arguments.Select(a => a == "CONFIG" ? Path.Combine(Repository.Root, "devices", "station.example.json") : a)]);

        Assert.Equal((1, "", $"mrfad: {Sentence}\n"), (code, output, errors));
    }

    [Fact]
    public async Task A_check_finds_it_and_goes_on()
    {
        InstallWithoutGtk();

        var (code, output, _) = await RunAsync("check", "--cameras", "--json");

        Assert.Equal(1, code);
        Assert.Contains(Sentence, System.Text.Json.Nodes.JsonNode.Parse(output)!["checks"]![0]!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("\"cameras\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_needs_no_library()
    {
        InstallWithoutGtk();

        Assert.Equal(0, (await RunAsync("run", "--help")).Code);
    }

    /// <summary>Copies the agent's folder with an OpenCV library that needs a version of GTK that does not exist.</summary>
    private void InstallWithoutGtk()
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, $"{Library} is for x64");
        foreach (var path in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            var copy = _folder.File(Path.GetRelativePath(AppContext.BaseDirectory, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            // The runtime resolves symbolic links of these files, so they are copied.
            if (Path.GetFileNameWithoutExtension(path).Split('.')[0] == "mrfad")
                File.Copy(path, copy);
            else if (!path.EndsWith(Library, StringComparison.Ordinal))
                File.CreateSymbolicLink(copy, path);
        }

        var library = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, Library));
        var name = library.AsSpan().IndexOf("\0libgtk-3.so.0\0"u8);
        Assert.True(name > 0);
        "\0libgtk-9.so.0\0"u8.CopyTo(library.AsSpan(name));
        File.WriteAllBytes(_folder.File(Library), library);
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(_folder.File("mrfad"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Path })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
