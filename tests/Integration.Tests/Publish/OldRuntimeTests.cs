using System.Diagnostics;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Publish;

/// <summary>The real <c>mrfad</c> with another native ONNX Runtime than the one it was built with.</summary>
public sealed class OldRuntimeTests(LearnedStation station) : IClassFixture<LearnedStation>, IDisposable
{
    private const string Native = "runtimes/linux-x64/native";
    private const string Library = $"{Native}/libonnxruntime.so";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("run")]
    [InlineData("check")]
    [InlineData("learn")]
    public async Task One_that_is_too_old_is_one_sentence_with_its_path_its_version_and_the_one_wanted(string command)
    {
        Requires.Program("/usr/bin/gcc", package: "gcc libc6-dev");
        await CompileOldRuntimeAsync(CopyOfAgent());

        var (code, output, errors) = await RunAsync(command);

        Assert.True(code == 1, output + errors);
        Assert.Contains($"{_folder.File(Library)} is ONNX Runtime 1.10.0, want 1.31.0 or newer: ", output + errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", errors, StringComparison.Ordinal);
        if (command != "check")
            Assert.Single(errors.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("check")]
    [InlineData("learn")]
    public async Task One_that_is_missing_is_one_sentence_with_the_folder_and_the_version_wanted(string command)
    {
        CopyOfAgent();

        var (code, output, errors) = await RunAsync(command);

        Assert.True(code == 1, output + errors);
        Assert.Contains($"libonnxruntime.so is missing, want ONNX Runtime 1.31.0 in {_folder.Path}/", output + errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_no_library_is_one_sentence_with_what_the_loader_says()
    {
        File.WriteAllText(Path.Combine(CopyOfAgent(), Library), "no library");

        var (code, _, errors) = await RunAsync("learn");

        Assert.Equal(1, code);
        Assert.StartsWith("mrfad: ONNX Runtime does not load: ", errors, StringComparison.Ordinal);
        Assert.Contains($"{_folder.File(Library)}: ", errors, StringComparison.Ordinal);
        Assert.Single(errors.Trim().Split('\n'));
    }

    /// <summary>Makes a copy of the agent's folder without ONNX Runtime's native library.</summary>
    private string CopyOfAgent()
    {
        Directory.CreateDirectory(_folder.File(Native));
        foreach (var path in Directory.GetFileSystemEntries(AppContext.BaseDirectory).Concat(Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, Native))))
        {
            var name = Path.GetRelativePath(AppContext.BaseDirectory, path);
            if (name is "runtimes" or Library)
                continue;
            if (name.StartsWith("mrfad", StringComparison.Ordinal))
                File.Copy(path, _folder.File(name)); // the program resolves its own symbolic link to find its other files
            else
                File.CreateSymbolicLink(_folder.File(name), path);
        }

        return _folder.Path;
    }

    private static async Task CompileOldRuntimeAsync(string agent)
    {
        var source = Path.Combine(agent, "old.c");
        await File.WriteAllTextAsync(source, """
            static const void *api(unsigned wanted) { (void)wanted; return 0; }
            static const char *version(void) { return "1.10.0"; }
            static const struct { const void *(*api)(unsigned); const char *(*version)(void); } base = { api, version };
            const void *OrtGetApiBase(void) { return &base; }
            """);
        using var compiler = Process.Start("/usr/bin/gcc", ["-shared", "-fPIC", "-o", Path.Combine(agent, Library), source]);
        await compiler.WaitForExitAsync();
        Assert.Equal(0, compiler.ExitCode);
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(string command)
    {
        var parts = Path.Combine(Path.GetDirectoryName(station.Bank)!, "good");
        string[] arguments = command == "learn"
            ? ["learn", parts, "--encoder", station.Encoder, "--out", _folder.File("x.mrfbank")]
            : [command, "--config", station.Configure(_folder, mqttPort: 1, $$"""[{ "name": "top", "source": "folder:{{parts}}" }]""")];
        if (command == "check")
            arguments = [.. arguments, "--json"];
        using var agent = Process.Start(new ProcessStartInfo(_folder.File("mrfad"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (agent.StandardOutput.ReadToEndAsync(), agent.StandardError.ReadToEndAsync());
        await agent.WaitForExitAsync();
        return (agent.ExitCode, await output, await errors);
    }
}
