using MrfAd.Station.Updates;

namespace MrfAd.Station.Tests.Updates;

/// <summary>A disk that is full from the nth write on.</summary>
public sealed class FullDisk(int writes) : BankDisk
{
    private int _left = writes;

    public long Free { get; init; } = long.MaxValue;

    public override long FreeBytes(string folder) => Free;

    public override Stream OpenToWrite(string path)
    {
        Write();
        return base.OpenToWrite(path);
    }

    public override void Sync(Stream file)
    {
        Write();
        base.Sync(file);
    }

    public override void Write(string path, byte[] bytes)
    {
        Write();
        base.Write(path, bytes);
    }

    public override void Rename(string path, string name)
    {
        Write();
        base.Rename(path, name);
    }

    private void Write()
    {
        if (_left-- <= 0)
            throw new IOException("No space left on device", 28);
    }
}
