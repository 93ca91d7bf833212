using MrfAd.Engine.Features;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Cli.Evaluation;

/// <summary>How a bank is learned and searched, whatever the method and the encoder.</summary>
/// <param name="Options">The scales are those of an image that is not enlarged.</param>
/// <param name="Folds">Parts that the good images are divided into to set the threshold.</param>
/// <param name="FalseAlarms">Wanted, in 1000 good images.</param>
/// <param name="Threads">For the encoder and for a search.</param>
/// <param name="Device">What the bank is searched on; null: the CPU.</param>
public sealed record MrfAdTrainerSettings(MrfAdOptions Options, int Folds, double FalseAlarms, int Threads, OnnxDevice? Device);
