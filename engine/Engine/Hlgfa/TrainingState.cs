using System.Text.Json;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Engine.Hlgfa;

/// <summary>The state of training after an epoch: all that the next epoch needs. A checkpoint stores it as a safetensors file beside the future model.</summary>
/// <param name="Progress">The members that are not tensors.</param>
internal sealed record TrainingState(TrainingProgress Progress, float[] Theta, float[] First, float[] Second, float[] Best)
{
    private const string Format = "mrfad-hlgfa-checkpoint/1";

    public static TrainingState Begin(float[] theta) => new(TrainingProgress.None, theta, new float[theta.Length], new float[theta.Length], theta);

    /// <param name="settings">A text of all settings on which the training depends; a checkpoint with other settings is refused.</param>
    public void Write(string path, string settings) => TensorFileWriter.Write(
        path,
        [TensorSource.Of("theta", TensorType.F32, Theta), TensorSource.Of("first", TensorType.F32, First), TensorSource.Of("second", TensorType.F32, Second), TensorSource.Of("best", TensorType.F32, Best)],
        new Dictionary<string, string> { ["format"] = Format, ["settings"] = settings, ["progress"] = JsonSerializer.Serialize(Progress) });

    /// <returns>The state; null where there is no checkpoint.</returns>
    /// <exception cref="Engine.Banks.LearnException">The checkpoint belongs to a training with other settings, or is damaged.</exception>
    public static TrainingState? Read(string path, string settings, int count)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            using var file = TensorFile.Open(path);
            if (file.Metadata.GetValueOrDefault("format") != Format || file.Metadata.GetValueOrDefault("settings") != settings)
                throw new Engine.Banks.LearnException($"{path} is the checkpoint of a training with other settings, images or encoder: go on with the same, or begin anew (--restart)");
            file.Verify();
            var progress = JsonSerializer.Deserialize<TrainingProgress>(file.Metadata.GetValueOrDefault("progress") ?? "null") ?? throw new JsonException("'progress' is missing");
            return new TrainingState(progress, Values("theta"), Values("first"), Values("second"), Values("best"));

            float[] Values(string name) => file.Values<float>(name, TensorType.F32) is var values && values.Length == count
                ? values.ToArray()
                : throw new TensorFormatException($"{path}: tensor '{name}' has {values.Length} values, want {count}");
        }
        catch (Exception e) when (e is TensorFormatException or JsonException)
        {
            throw new Engine.Banks.LearnException($"the checkpoint cannot be used: {e.Message}; --restart begins anew");
        }
    }
}
