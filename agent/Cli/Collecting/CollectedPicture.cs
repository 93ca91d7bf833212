namespace MrfAd.Cli.Collecting;

/// <summary>A picture that was taken.</summary>
/// <param name="Path">The path of its file; null where it was not kept, because it is the same as one before.</param>
/// <param name="Png">The bytes of its file.</param>
public sealed record CollectedPicture(string? Path, byte[] Png)
{
    /// <summary>The reason why it is kept apart from the good ones; null where there is none.</summary>
    public string? Reason { get; init; }

    /// <summary>The path of the picture that is the very same; null where there is none.</summary>
    public string? SameAs { get; init; }

    /// <summary>The file's name.</summary>
    public string? Name => System.IO.Path.GetFileName(Path);

    /// <summary>Returns true for a picture that is kept among the good ones.</summary>
    public bool IsGood => Path is not null && Reason is null;
}
