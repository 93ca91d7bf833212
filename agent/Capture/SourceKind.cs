namespace MrfAd.Agent.Capture;

public enum SourceKind
{
    Folder,
    Video,
    Device,
    Stream,
}
