using MrfAd.Engine.Banks;

namespace MrfAd.Engine.Tests.Banks;

public sealed class BankDescriptionTests
{
    // A description as banks in the field have it, with no member at its default.
    private const string Json = """
        {"id":"part","version":3,"created":"2026-01-02T03:04:05+00:00","encoder_id":"encoder","encoder_sha256":"ab","layers":["l4"],
        "options":{"scales":[0.5],"least_side":48,"pool_side":3,"normalise":true,"background":"black","rows_per_bank":300,"reduction":"coreset","precision":"int8","search":"ivf_flat","seed":7,"mixed_sizes":true},
        "image_width":64,"image_height":32,"views":[{"scale":0.5,"factor":0.75,"width":48,"height":24}],"images":8,"training_sha256":"cd",
        "calibration":{"scores":[1.5,2],"threshold":2.5,"rule":"fitted_tail","false_alarms_wanted":1,"false_alarms_seen":2,"false_alarms_low":0.25,"false_alarms_high":4,"pixel_mean":0.5,"pixel_std":0.25,"mean_plus3_std":1.25,"heatmap_scale":{"low":0.5,"high":4.5}},
        "good_images":{"width":64,"height":32,"least_brightness":0.125,"most_saturated":0.25,"least_sharpness":0.375,"least_likeness":0.5,"most_moved":0.0625,"mean":"AQI=",
        "usual":{"grey":"AwQ=","light":{"median":0.1,"spread":0.2},"focus":{"median":0.3,"spread":0.4},"x":{"median":0.5,"spread":0.6},"y":{"median":0.7,"spread":0.8}}},
        "mask":{"model_id":"mask","model_sha256":"ef","usual":{"area":{"median":0.2,"low":0.1,"high":0.3},"centre_x":{"median":0.5,"low":0.4,"high":0.6},"centre_y":{"median":0.5,"low":0.4,"high":0.6},"overlap":{"median":0.9,"low":0.8,"high":1},"profile":"BQY=","outliers":1}},
        "reduction":{"pool_rows":1000,"rows":300,"mean_error":0.01,"largest_error":0.02}}
        """;

    [Fact]
    public void A_description_is_written_with_the_names_and_values_that_it_was_read_with()
    {
        var json = Json.Replace("\n", "", StringComparison.Ordinal);
        Assert.Equal(json, BankDescription.FromJson(json).ToJson());
    }
}
