using System.CommandLine;
using MrfAd.Cli.Commands;
using MrfAd.Cli.Terminal;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Tensors;
using MrfAd.Platform;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Commands;

public sealed class ErrorTests
{
    [Fact]
    public void Each_exception_of_the_project_ends_a_command_with_its_message()
    {
        var all = new[] { typeof(MrfAdException), typeof(UsageException) }.SelectMany(t => t.Assembly.GetExportedTypes()).Where(typeof(Exception).IsAssignableFrom).ToList();
        Assert.NotEmpty(all);
        Assert.DoesNotContain(all, t => !typeof(MrfAdException).IsAssignableFrom(t) && !typeof(IOException).IsAssignableFrom(t));
    }

    [Fact]
    public async Task What_was_given_wrongly_ends_with_2_and_what_failed_with_1()
    {
        Assert.Equal(ExitCode.Usage, await EndAsync(() => throw new UsageException("--bank: want a file")));
        Assert.Equal(ExitCode.Usage, await EndAsync(() => throw new TensorFormatException("model: want 8 bytes, got 0")));
        Assert.Equal(ExitCode.Failed, await EndAsync(() => throw new OnnxModelException("model: want an input")));
    }

    [Fact]
    public async Task A_file_that_may_not_be_read_ends_with_1()
    {
        using var folder = new TemporaryFolder();
        var path = UnreadableFile.Link(folder.File("office.key"));
        Assert.Equal(ExitCode.Failed, await EndAsync(() => UserFiles.ReadText(path)));
    }

    /// <summary>A mistyped option is neither a file's name nor the value of the option before it.</summary>
    [Theory]
    [InlineData("work --wrong", ExitCode.Usage)]
    [InlineData("work file --wrong", ExitCode.Usage)]
    [InlineData("work --out --wrong file", ExitCode.Usage)]
    [InlineData("work file -- --wrong", ExitCode.Usage)]
    [InlineData("work file --out x", ExitCode.Done)]
    [InlineData("work --out=x -- --wrong", ExitCode.Done)]
    [InlineData("work -", ExitCode.Done)]
    [InlineData("work --wrong --help", ExitCode.Done)]
    public async Task An_option_that_no_command_has_is_refused(string line, int code)
    {
        var command = new Command("work") { new Argument<string>("file"), new Option<string>("--out") };
        command.SetAction(_ => ExitCode.Done);

        Assert.Equal(code, await CommandRunner.RunAsync(new RootCommand { command }, line.Split(' ')));
    }

    private static Task<int> EndAsync(Action work)
    {
        var command = new Command("work");
        command.SetAction(_ => work());
        return CommandRunner.RunAsync(new RootCommand { command }, ["work"]);
    }
}
