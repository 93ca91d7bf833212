using MrfAd.Station.Capture;
using MrfAd.Station.Inspection;

namespace MrfAd.StationTesting;

/// <summary>Inspections of single shots in tests.</summary>
public static class ShotInspections
{
    /// <returns>The report that the inspector gives; its heatmap is drawn.</returns>
    public static InspectionReport Inspect(this ShotInspector inspector, Shot shot)
    {
        InspectionReport? given = null;
        inspector.Inspect(shot, report => given = report);
        return given!;
    }
}
