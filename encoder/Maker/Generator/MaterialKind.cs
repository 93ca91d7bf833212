namespace MrfAd.Maker.Generator;

public enum MaterialKind
{
    Plain,
    Cloudy,
    Pebbled,
    Brushed,
    Woven,
    Wood,
    Granite,
    Printed,
    Barred,
    Perforated,
    Tiled,
    Traced,
}
