namespace MrfAd.Cli.Collecting;

/// <summary>A picture that is kept apart from the good ones.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Reason">The reason.</param>
public sealed record FlaggedPicture(string Name, string Reason);
