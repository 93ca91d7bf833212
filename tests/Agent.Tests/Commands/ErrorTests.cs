using MrfAd.Agent.Commands;
using MrfAd.Engine;

namespace MrfAd.Agent.Tests.Commands;

public sealed class ErrorTests
{
    [Fact]
    public void Each_exception_of_the_project_ends_a_command_with_its_message()
    {
        var all = new[] { typeof(MrfAdException), typeof(UsageException) }.SelectMany(t => t.Assembly.GetExportedTypes()).Where(typeof(Exception).IsAssignableFrom).ToList();
        Assert.NotEmpty(all);
        Assert.DoesNotContain(all, t => !typeof(MrfAdException).IsAssignableFrom(t) && !typeof(IOException).IsAssignableFrom(t));
    }
}
