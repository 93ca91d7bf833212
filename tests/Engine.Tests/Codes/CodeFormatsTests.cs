using System.Text.Json;
using System.Text.Json.Serialization;
using MrfAd.Engine.Codes;

namespace MrfAd.Engine.Tests.Codes;

public sealed class CodeFormatsTests
{
    [Fact]
    public void A_verdict_names_a_kind_as_the_configuration_does()
    {
        var options = new JsonSerializerOptions { Converters = { new JsonStringEnumConverter() } };

        Assert.All(Enum.GetValues<CodeFormat>(), format => Assert.Equal($"\"{format.ToText()}\"", JsonSerializer.Serialize(format, options)));
    }
}
