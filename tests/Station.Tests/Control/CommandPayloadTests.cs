using System.Text;
using MrfAd.Contracts;
using MrfAd.Station.Control;

namespace MrfAd.Station.Tests.Control;

public sealed class CommandPayloadTests
{
    [Fact]
    public void A_trigger_takes_nothing_an_id_or_a_camera()
    {
        Assert.Equal(new TriggerCommand(), Read(""));
        Assert.Equal(new TriggerCommand(), Read("{}"));
        Assert.Equal(new TriggerCommand { Id = "a", Camera = "top" }, Read("""{"id":"a","camera":"top"}"""));
        Assert.Equal(new TriggerCommand { Serial = "SN-17", Meta = PartMeta.Parse("""{"lot":"A7"}""") }, Read("""{"serial":"SN-17","meta":{ "lot": "A7" }}"""));
    }

    [Theory]
    [InlineData("null", "null")]
    [InlineData("[]", "object")]
    [InlineData("{\"id\":1}", "id")]
    [InlineData("{\"Id\":\"a\"}", "Id")]
    [InlineData("{\"colour\":\"red\"}", "colour")]
    [InlineData("{\"id\":\"a\",\"id\":\"b\"}", "id")]
    [InlineData("{\"id\":", "object")]
    [InlineData("{\"meta\":{\"lot\":[1]}}", "meta: 'lot': want text, a number, true or false, got a list")]
    [InlineData("{\"meta\":{\"lot\":1,\"lot\":2}}", "meta: want each field once, got 'lot' twice")]
    [InlineData("{\"meta\":7}", "meta: want a JSON object, got a number")]
    [InlineData("\u0001\u0002", "object")]
    public void Anything_else_is_refused_with_a_reason(string payload, string named)
    {
        var refusal = Assert.Throws<CommandException>(() => Read(payload));
        Assert.Equal(CommandErrorCode.BadRequest, refusal.Code);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_is_neither_empty_nor_endless()
    {
        Assert.Throws<CommandException>(() => CommandPayload.CheckName("id", ""));
        Assert.Throws<CommandException>(() => CommandPayload.CheckName("id", new string('x', 201)));
        CommandPayload.CheckName("id", null);
        CommandPayload.CheckName("id", new string('x', 200));
    }

    private static TriggerCommand Read(string payload) =>
        CommandPayload.Read(new CommandCall("trigger", Encoding.UTF8.GetBytes(payload), null), MessageJson.Default.TriggerCommand);
}
