using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.Options;

public sealed class BrokerAddressTests
{
    [Theory]
    [InlineData("broker", "broker", 1883)]
    [InlineData("broker.plant.example:1884", "broker.plant.example", 1884)]
    [InlineData("my_broker", "my_broker", 1883)]
    [InlineData("10.0.0.5:8883", "10.0.0.5", 8883)]
    [InlineData("::1", "::1", 1883)]
    [InlineData("fe80::1%eth0", "fe80::1%eth0", 1883)]
    [InlineData("[::1]", "::1", 1883)]
    [InlineData("[::1]:1884", "::1", 1884)]
    [InlineData("mqtt://broker", "broker", 1883)]
    [InlineData("MQTT://broker:1884/", "broker", 1884)]
    [InlineData("mqtt://[2001:db8::5]:1884", "2001:db8::5", 1884)]
    public void An_address_is_understood_as_people_write_it(string text, string host, int port) =>
        Assert.Equal((host, port), BrokerAddress.Parse(text, 1883));

    [Theory]
    [InlineData("")]
    [InlineData(":1883")]
    [InlineData("broker:")]
    [InlineData("broker:0")]
    [InlineData("broker:65536")]
    [InlineData("broker:1883:1884")]
    [InlineData("[broker]:1883")]
    [InlineData("[]:1883")]
    [InlineData("user:secret@broker")]
    [InlineData("http://broker:1883")]
    [InlineData("broker/path")]
    [InlineData("two brokers")]
    public void What_is_no_address_is_refused(string text) => Assert.Null(BrokerAddress.Parse(text, 1883));
}
