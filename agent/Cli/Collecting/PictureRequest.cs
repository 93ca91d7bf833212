using MrfAd.Station.Capture;

namespace MrfAd.Cli.Collecting;

/// <summary>A request for one picture.</summary>
/// <param name="Sent">The picture itself, where it came with the request.</param>
/// <param name="Reply">Gets the picture once it is kept, or the reason why there is none; null where nobody waits for it.</param>
public sealed record PictureRequest(SentFrame? Sent, TaskCompletionSource<CollectedPicture>? Reply = null);
