namespace MrfAd.Station.Options;

/// <summary>The kinds of drift away from the images of the good parts.</summary>
public enum DriftKind
{
    /// <summary>The brightness, changed by the lamp, the exposure, or light from elsewhere.</summary>
    Light,

    /// <summary>The sharpness, changed by the focus of the lens or dirt on it.</summary>
    Focus,

    /// <summary>The position of the part in the image, changed by the camera, the fixture or the moment of the trigger.</summary>
    Position,

    /// <summary>The anomaly score; where nothing else has drifted, the product has changed.</summary>
    Score,
}
