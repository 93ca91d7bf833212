using MrfAd.Engine.Alignment;
using MrfAd.Engine.Features;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Cli.Evaluation;

/// <summary>Settings of learning and search that do not depend on the method and the encoder.</summary>
/// <param name="Options">Options of the bank.</param>
/// <param name="Folds">Number of folds that the good images are divided into for calibration.</param>
/// <param name="FalseAlarms">Target number of false alarms in 1000 good images.</param>
/// <param name="Threads">Number of threads of the encoder and of a search.</param>
/// <param name="Device">Device that the bank is searched on; null for the CPU.</param>
/// <param name="Alignment">The range within which parts are aligned to a reference; null compares them as they lie.</param>
/// <param name="Candidates">The ways to make the map of which each object's good images choose one; null or empty takes the options' way.</param>
public sealed record MrfAdTrainerSettings(MrfAdOptions Options, int Folds, double FalseAlarms, int Threads, OnnxDevice? Device, AlignmentOptions? Alignment = null, IReadOnlyList<MapCandidate>? Candidates = null);
