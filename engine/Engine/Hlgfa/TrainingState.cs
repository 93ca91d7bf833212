using System.Text.Json;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Engine.Hlgfa;

/// <summary>Where training stands after an epoch: all that the next one needs, on disk as a safetensors file beside the model to be.</summary>
/// <param name="Progress">What is not a tensor.</param>
internal sealed record TrainingState(TrainingProgress Progress, float[] Theta, float[] First, float[] Second, float[] Best)
{
    private const string Format = "mrfad-hlgfa-checkpoint/1";

    public static TrainingState Begin(float[] theta) => new(TrainingProgress.None, theta, new float[theta.Length], new float[theta.Length], theta);

    /// <param name="settings">What the training depends on; a checkpoint is for these alone.</param>
    public void Write(string path, string settings) => TensorFileWriter.Write(
        path,
        [TensorSource.Of("theta", TensorType.F32, Theta), TensorSource.Of("first", TensorType.F32, First), TensorSource.Of("second", TensorType.F32, Second), TensorSource.Of("best", TensorType.F32, Best)],
        new Dictionary<string, string> { ["format"] = Format, ["settings"] = settings, ["progress"] = JsonSerializer.Serialize(Progress) });

    /// <returns>null: there is none.</returns>
    /// <exception cref="Engine.Banks.LearnException">It is of another training, or damaged.</exception>
    public static TrainingState? Read(string path, string settings, int count)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            using var file = TensorFile.Open(path);
            if (file.Metadata.GetValueOrDefault("format") != Format || file.Metadata.GetValueOrDefault("settings") != settings)
                throw new Engine.Banks.LearnException($"{path} is the checkpoint of a training with other settings, images or encoder: go on with the same, or begin anew (--restart)");
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
