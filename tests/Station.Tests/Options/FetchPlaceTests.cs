using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.Options;

public sealed class FetchPlaceTests
{
    [Theory]
    [InlineData("https://models.plant/press/", "https://models.plant/press/a.mrfbank", true)]
    [InlineData("https://models.plant/press", "https://models.plant/press/b/a.mrfbank?x=1", true)]
    [InlineData("https://models.plant", "https://MODELS.plant:443/a.mrfbank", true)]
    [InlineData("https://models.plant/press", "https://models.plant/press2/a.mrfbank", false)]
    [InlineData("https://models.plant/press", "http://models.plant/press/a.mrfbank", false)]
    [InlineData("https://models.plant/press", "https://models.plant:444/press/a.mrfbank", false)]
    [InlineData("https://models.plant/press", "https://models.plant.evil.example/press/a", false)]
    [InlineData("https://models.plant/press", "https://models.plant@evil.example/press/a", false)]
    [InlineData("https://models.plant/press", "https://user@models.plant/press/a", false)]
    [InlineData("https://models.plant/press", "https://models.plant/press/../secret", false)]
    [InlineData("https://models.plant/press", "https://models.plant/press/%2e%2e/secret", false)]
    [InlineData("https://models.plant/press", "https://models.plant/press/..%2fsecret", false)]
    [InlineData("https://models.plant/press", "/models.plant/press/a", false)]
    [InlineData("/media/usb", "/media/usb/a.mrfbank", true)]
    [InlineData("/media/usb", "/media/usb/../../etc/shadow", false)]
    [InlineData("/media/usb", "/media/usb2/a.mrfbank", false)]
    [InlineData("/media/usb", "https://media/usb/a.mrfbank", false)]
    public void Only_what_lies_below_a_place_is_held_by_it(string place, string source, bool isHeld) => Assert.Equal(isHeld, FetchPlace.Holds(place, source));
}
