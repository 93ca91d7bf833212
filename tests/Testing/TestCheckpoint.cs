using System.Runtime.InteropServices;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Testing;

/// <summary>Writes checkpoints of small networks with random weights, whose tensors have the names of their publishers.</summary>
public static class TestCheckpoint
{
    public static void Write(string path, IReadOnlyDictionary<string, (float[] Values, long[] Shape)> tensors) => TensorFileWriter.Write(
        path,
        [.. tensors.Select(t => new TensorSource(t.Key, TensorType.F32, t.Value.Shape, stream => stream.Write(MemoryMarshal.AsBytes(t.Value.Values.AsSpan()))))],
        new Dictionary<string, string>());

    /// <summary>A DINOv2 with 4 registers and patch size 14, trained for 70×70, with Meta's names.</summary>
    public static Dictionary<string, (float[] Values, long[] Shape)> DinoV2(int dimension, int blocks, bool swiglu = false, int seed = 1)
    {
        var random = new RandomWeights(seed);
        random.Add("cls_token", 1, 1, dimension);
        random.Add("pos_embed", 1, 26, dimension);
        random.Add("register_tokens", 1, 4, dimension);
        random.Add("patch_embed.proj.weight", dimension, 3, 14, 14);
        random.Add("patch_embed.proj.bias", dimension);
        random.Norm("norm", dimension);
        for (var i = 0; i < blocks; i++)
        {
            random.Norm($"blocks.{i}.norm1", dimension);
            random.Norm($"blocks.{i}.norm2", dimension);
            random.Linear($"blocks.{i}.attn.qkv", 3 * dimension, dimension);
            random.Linear($"blocks.{i}.attn.proj", dimension, dimension);
            random.Linear($"blocks.{i}.mlp.{(swiglu ? "w12" : "fc1")}", 4 * dimension, dimension);
            random.Linear($"blocks.{i}.mlp.{(swiglu ? "w3" : "fc2")}", dimension, (swiglu ? 2 : 4) * dimension);
            random.Add($"blocks.{i}.ls1.gamma", dimension);
            random.Add($"blocks.{i}.ls2.gamma", dimension);
        }

        return random.Tensors;
    }

    /// <summary>A DINOv3 with 4 registers and patch size 16, with Meta's names.</summary>
    /// <param name="head">The values of a head: 64 in all published models.</param>
    public static Dictionary<string, (float[] Values, long[] Shape)> DinoV3(int dimension, int blocks, bool swiglu = false, int seed = 1, int head = 16)
    {
        var random = new RandomWeights(seed);
        random.Add("cls_token", 1, 1, dimension);
        random.Add("storage_tokens", 1, 4, dimension);
        random.Add("mask_token", 1, dimension);
        random.Add("patch_embed.proj.weight", dimension, 3, 16, 16);
        random.Add("patch_embed.proj.bias", dimension);
        random.Tensors["rope_embed.periods"] = ([.. Enumerable.Range(0, head / 4).Select(i => MathF.Pow(100, 4f * i / head))], [head / 4]);
        random.Norm("norm", dimension);
        for (var i = 0; i < blocks; i++)
        {
            random.Norm($"blocks.{i}.norm1", dimension);
            random.Norm($"blocks.{i}.norm2", dimension);
            random.Linear($"blocks.{i}.attn.qkv", 3 * dimension, dimension);
            random.Tensors[$"blocks.{i}.attn.qkv.bias_mask"] = ([.. Enumerable.Range(0, 3 * dimension).Select(o => o / dimension == 1 ? 0f : 1f)], [3 * dimension]);
            random.Linear($"blocks.{i}.attn.proj", dimension, dimension);
            foreach (var layer in swiglu ? new[] { "w1", "w2" } : ["fc1"])
                random.Linear($"blocks.{i}.mlp.{layer}", 4 * dimension, dimension);
            random.Linear($"blocks.{i}.mlp.{(swiglu ? "w3" : "fc2")}", dimension, 4 * dimension);
            random.Add($"blocks.{i}.ls1.gamma", dimension);
            random.Add($"blocks.{i}.ls2.gamma", dimension);
        }

        return random.Tensors;
    }

    /// <summary>A ConvNeXt with Meta's names.</summary>
    /// <param name="width">The channels of stage 1, which each stage doubles.</param>
    public static Dictionary<string, (float[] Values, long[] Shape)> ConvNeXt(int width, int[] blocks, int seed = 1)
    {
        var random = new RandomWeights(seed);
        for (var (stage, inputs) = (0, 3); stage < blocks.Length; stage++, inputs = width, width *= 2)
        {
            random.Add($"downsample_layers.{stage}.{(stage == 0 ? 0 : 1)}.weight", width, inputs, stage == 0 ? 4 : 2, stage == 0 ? 4 : 2);
            random.Add($"downsample_layers.{stage}.{(stage == 0 ? 0 : 1)}.bias", width);
            random.Norm($"downsample_layers.{stage}.{(stage == 0 ? 1 : 0)}", stage == 0 ? width : inputs);
            for (var block = 0; block < blocks[stage]; block++)
            {
                var name = $"stages.{stage}.{block}";
                random.Add($"{name}.dwconv.weight", width, 1, 7, 7);
                random.Add($"{name}.dwconv.bias", width);
                random.Norm($"{name}.norm", width);
                random.Linear($"{name}.pwconv1", 4 * width, width);
                random.Linear($"{name}.pwconv2", width, 4 * width);
                random.Add($"{name}.gamma", width);
            }
        }

        random.Norm("norm", width / 2);
        return random.Tensors;
    }

    /// <summary>A ResNet of bottleneck blocks, with the names of torchvision.</summary>
    /// <param name="width">The channels of the first 3×3 convolutions: 64 in ResNet-50, 128 in Wide-ResNet-50-2, fewer for a small network.</param>
    /// <param name="expanded">The channels of stage 1, which each stage doubles.</param>
    public static Dictionary<string, (float[] Values, long[] Shape)> ResNet(int width, int expanded, int[] blocks, int stem = 64, int seed = 1)
    {
        var random = new RandomWeights(seed);
        Convolution("conv1", "bn1", stem, 3, 7);
        var inputs = stem;
        for (var stage = 1; stage <= blocks.Length; stage++, width *= 2, expanded *= 2)
        {
            for (var block = 0; block < blocks[stage - 1]; block++, inputs = expanded)
            {
                var name = $"layer{stage}.{block}";
                Convolution($"{name}.conv1", $"{name}.bn1", width, inputs, 1);
                Convolution($"{name}.conv2", $"{name}.bn2", width, width, 3);
                Convolution($"{name}.conv3", $"{name}.bn3", expanded, width, 1);
                if (block == 0)
                    Convolution($"{name}.downsample.0", $"{name}.downsample.1", expanded, inputs, 1);
            }
        }

        return random.Tensors;

        void Convolution(string convolution, string norm, int outputs, int from, int kernel)
        {
            random.Add($"{convolution}.weight", outputs, from, kernel, kernel);
            random.Norm(norm, outputs);
            random.Add($"{norm}.running_mean", outputs);
            random.Positive($"{norm}.running_var", outputs);
        }
    }

    private sealed class RandomWeights(int seed)
    {
        private readonly Random _random = new(seed);

        public Dictionary<string, (float[] Values, long[] Shape)> Tensors { get; } = [];

        public void Linear(string name, int outputs, int inputs)
        {
            Add($"{name}.weight", outputs, inputs);
            Add($"{name}.bias", outputs);
        }

        public void Norm(string name, int count)
        {
            Positive($"{name}.weight", count);
            Add($"{name}.bias", count);
        }

        /// <summary>Adds weights around 0, scaled so that sums over all axes but the first stay around 1.</summary>
        public void Add(string name, params long[] shape)
        {
            var scale = shape.Length > 1 ? MathF.Sqrt(6f / shape.Skip(1).Aggregate(1L, (a, b) => a * b)) : 0.2f;
            Tensors[name] = (Values(shape, () => scale * ((2 * _random.NextSingle()) - 1)), shape);
        }

        public void Positive(string name, params long[] shape) => Tensors[name] = (Values(shape, () => 0.5f + _random.NextSingle()), shape);

        private static float[] Values(long[] shape, Func<float> next) => [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => next())];
    }
}
