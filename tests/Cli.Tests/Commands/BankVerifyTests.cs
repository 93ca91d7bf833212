using System.CommandLine;
using MrfAd.Cli.Commands;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Commands;

public sealed class BankVerifyTests
{
    [Fact]
    public async Task Two_public_keys_of_one_name_are_bad_usage()
    {
        using var folder = new TemporaryFolder();
        using var one = new BankSigner();
        using var other = new BankSigner();
        await File.WriteAllTextAsync(folder.File("parts.mrfbank"), "", TestContext.Current.CancellationToken);
        var root = new RootCommand { BankCommand.Create(TimeProvider.System) };

        Assert.Equal(2, await CommandRunner.RunAsync(root, ["bank", "verify", folder.File("parts.mrfbank"), "--key", one.Trusted.PublicKeyFile, "--key", other.Trusted.PublicKeyFile]));
    }
}
