using MrfAd.Contracts;

namespace MrfAd.Station.Parts;

/// <summary>A part that has been judged.</summary>
/// <param name="Triggered">The moment of the part's first trigger on the clock's tick counter.</param>
public readonly record struct JudgedPart(PartMessage Message, long Triggered);
