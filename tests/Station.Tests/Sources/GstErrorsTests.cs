using MrfAd.Station.Sources;

namespace MrfAd.Station.Tests.Sources;

public sealed class GstErrorsTests
{
    [Theory]
    [InlineData("no element \"rtspsrc\"", "", "no element \"rtspsrc\" (apt-get install gstreamer1.0-plugins-good)")]
    [InlineData("no element \"nosuchelement\"", "", "no element \"nosuchelement\"")]
    [InlineData("Your GStreamer installation is missing a plug-in.", "a.c(1): f (): /GstPipeline:p:\nno suitable plugins found:\nMissing decoder: H.265 (Main Profile) (video/x-h265)\n", "GStreamer has no decoder for H.265 (Main Profile) (video/x-h265) (apt-get install gstreamer1.0-libav gstreamer1.0-plugins-bad)")]
    [InlineData("Your GStreamer installation is missing a plug-in.", "a.c(1): f (): /GstPipeline:p:\nMissing decoder: JPEG still images (image/jpeg)", "GStreamer has no decoder for JPEG still images (image/jpeg) (apt-get install gstreamer1.0-plugins-good)")]
    [InlineData("Unauthorized", "a.c(1): f (): /GstPipeline:p:\nUnauthorized (401)", "user name or password are missing or wrong")]
    [InlineData("Internal data stream error.", "a.c(1): f (): /GstPipeline:p:\nstreaming stopped, reason not-linked (-1)", "Internal data stream error. streaming stopped, reason not-linked (-1)")]
    [InlineData("Not Found", "a.c(1): f (): /GstPipeline:p", "Not Found")]
    public void What_GStreamer_complains_of_is_a_sentence_with_its_remedy(string text, string detail, string sentence) => Assert.Equal(sentence, GstErrors.Sentence(text, detail));
}
