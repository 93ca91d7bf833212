using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace MrfAd.Engine.Tests.Maker;

/// <summary>A theory over all values of an enumeration: a new kind is tested as soon as it is there.</summary>
public sealed class EveryKindAttribute<T> : DataAttribute
    where T : struct, Enum
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Enum.GetValues<T>().Select(kind => new TheoryDataRow<T>(kind))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
