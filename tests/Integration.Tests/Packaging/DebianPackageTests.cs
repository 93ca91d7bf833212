using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Packaging;

/// <summary>The packages of a folder that looks like a published agent. tests/packages.sh installs real ones.</summary>
public sealed partial class DebianPackageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_package_has_fields_that_apt_takes_and_files_that_only_root_may_change()
    {
        var (package, _) = await PackageAsync("x64", "libOpenCvSharpExtern.so");

        Assert.Equal("mrfad amd64 science", $"{await FieldAsync(package, "Package")} {await FieldAsync(package, "Architecture")} {await FieldAsync(package, "Section")}");
        Assert.Contains($"<Version>{await FieldAsync(package, "Version")}</Version>", await File.ReadAllTextAsync(Path.Combine(Repository.Root, "Directory.Build.props")), StringComparison.Ordinal);
        Assert.Contains("libgtk-3-0 | libgtk-3-0t64", await FieldAsync(package, "Depends"), StringComparison.Ordinal);
        Assert.Equal("/etc/mrfad/station.json\n", await RunAsync("dpkg-deb", "-I", package, "conffiles"));
        foreach (var script in (string[])["postinst", "prerm", "postrm"])
            Assert.StartsWith("#!/bin/sh\n", await RunAsync("dpkg-deb", "-I", package, script), StringComparison.Ordinal);
        var lines = (await RunAsync("dpkg-deb", "-c", package)).TrimEnd().Split('\n');
        Assert.All(lines, line => Assert.Matches("^(l|[-d].{4}-..-)", line)); // a link's own mode means nothing
        Assert.All(lines, line => Assert.Matches(@"^\S+ root/root ", line));
        Assert.Contains(lines, line => line.StartsWith("-rw-r-----", StringComparison.Ordinal) && line.EndsWith(" ./etc/mrfad/station.json", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("-rwxr-xr-x", StringComparison.Ordinal) && line.EndsWith(" ./usr/lib/mrfad/agent/mrfad", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_path_that_the_unit_and_the_configuration_name_is_in_the_package()
    {
        var (package, _) = await PackageAsync("x64", "libOpenCvSharpExtern.so");
        await RunAsync("dpkg-deb", "-x", package, _folder.File("root"));

        var texts = await File.ReadAllTextAsync(_folder.File("root/usr/lib/systemd/system/mrfad.service")) + await File.ReadAllTextAsync(_folder.File("root/usr/lib/systemd/system/mrfad-upgrade.service")) + await File.ReadAllTextAsync(_folder.File("root/etc/mrfad/station.json"));
        var paths = OwnPath().Matches(texts).Select(match => match.Value).ToHashSet();

        Assert.Superset(new HashSet<string> { "/usr/lib/mrfad/systemd/launch.sh", "/usr/lib/mrfad/systemd/README.md", "/etc/mrfad/station.json" }, paths);
        Assert.All(paths, path => Assert.True(File.Exists(_folder.File("root") + path), path));
        foreach (var path in (string[])["usr/share/man/man1/mrfad.1.gz", "usr/share/bash-completion/completions/mrfad", "usr/share/doc/mrfad/copyright", "usr/lib/sysusers.d/mrfad.conf", "usr/lib/tmpfiles.d/mrfad.conf"])
            Assert.True(File.Exists(_folder.File($"root/{path}")), path);
        Assert.Equal("../lib/mrfad/systemd/launch.sh", new FileInfo(_folder.File("root/usr/bin/mrfad")).LinkTarget);
    }

    [Fact]
    public async Task Two_runs_give_the_same_bytes()
    {
        var (first, _) = await PackageAsync("x64", "libOpenCvSharpExtern.so");
        var (second, _) = await PackageAsync("x64", "libOpenCvSharpExtern.so");

        Assert.NotEqual(first, second);
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(first)!, "SHA256SUMS")), await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(second)!, "SHA256SUMS")));
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(first))), await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(first)!, "SHA256SUMS")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_NVIDIA_devices_want_is_a_package_of_its_own_that_wants_the_same_version()
    {
        var (package, cuda) = await PackageAsync("x64", "libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so", "libonnxruntime_providers_tensorrt.so");

        Assert.Equal(["libonnxruntime_providers_shared.so"], await ProvidersAsync(package));
        Assert.Equal(["libonnxruntime_providers_cuda.so", "libonnxruntime_providers_tensorrt.so"], await ProvidersAsync(cuda!));
        Assert.Contains($"mrfad (= {await FieldAsync(package, "Version")})", await FieldAsync(cuda!, "Depends"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_without_OpenCV_says_so_and_does_not_depend_on_what_OpenCV_wants()
    {
        var (package, cuda) = await PackageAsync("arm64");

        Assert.Null(cuda);
        Assert.Contains("has no OpenCV", await FieldAsync(package, "Description"), StringComparison.Ordinal);
        Assert.DoesNotContain("libgtk", await FieldAsync(package, "Depends"), StringComparison.Ordinal);
        Assert.Contains("./usr/lib/mrfad/build-jetson.sh\n", await RunAsync("dpkg-deb", "-c", package), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--arch", "riscv64", "--arch: want x64, arm64 or all, got 'riscv64'")]
    [InlineData("--agent", "nowhere", "--agent: want a folder with a published mrfad.dll, got 'nowhere'")]
    [InlineData("--outt", "out", "unknown argument '--outt'")]
    public async Task A_wrong_argument_is_named(string option, string value, string sentence)
    {
        var (code, _, errors) = await TryAsync(Path.Combine(Repository.Root, "packaging/package.sh"), option, value);

        Assert.Equal(2, code);
        Assert.Contains($"package: {sentence}\n", errors, StringComparison.Ordinal);
    }

    /// <returns>The paths of the packages of an agent with these libraries; null where there is none for NVIDIA devices.</returns>
    private async Task<(string Package, string? Cuda)> PackageAsync(string architecture, params IEnumerable<string> libraries)
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "packages are made on x64");
        Requires.Program("/usr/bin/dpkg-deb", package: "dpkg");
        Requires.Program("/usr/bin/xz", package: "xz-utils");
        var folder = Directory.CreateDirectory(_folder.File(Guid.NewGuid().ToString("N"))).FullName;
        var agent = Directory.CreateDirectory(Path.Combine(folder, "agent")).FullName;
        foreach (var file in libraries.Append("mrfad.dll").Append("mrfad.deps.json"))
            await File.WriteAllTextAsync(Path.Combine(agent, file), file);
        await File.WriteAllTextAsync(Path.Combine(agent, "mrfad"), "#!/bin/sh\necho .TH MRFAD 1\n");
        File.SetUnixFileMode(Path.Combine(agent, "mrfad"), (UnixFileMode)0b111_111_111);
        await RunAsync(Path.Combine(Repository.Root, "packaging/package.sh"), "--arch", architecture, "--agent", agent, "--out", folder);
        return (Directory.GetFiles(folder, "mrfad_*.deb").Single(), Directory.GetFiles(folder, "mrfad-cuda_*.deb").SingleOrDefault());
    }

    private static async Task<string> FieldAsync(string package, string field) => (await RunAsync("dpkg-deb", "-f", package, field)).TrimEnd();

    private static async Task<IEnumerable<string>> ProvidersAsync(string package) =>
        Provider().Matches(await RunAsync("dpkg-deb", "-c", package)).Select(match => match.Value).Order(StringComparer.Ordinal);

    /// <returns>The text on standard output.</returns>
    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (code, output, errors) = await TryAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} ended with {code}: {output}{errors}");
        return output;
    }

    private static async Task<(int Code, string Output, string Errors)> TryAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    [GeneratedRegex(@"/(?:usr/lib|etc)/mrfad/[\w./-]*\w(?=[\s;,])(?<!/etc/mrfad/mqtt[\w.-]*)")]
    private static partial Regex OwnPath();

    [GeneratedRegex(@"libonnxruntime_providers_\w+\.so")]
    private static partial Regex Provider();
}
