using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.Options;

public sealed class CredentialsTests
{
    [Theory]
    [InlineData("cannot open rtsp://me:s@cret@camera:554/1", "cannot open rtsp://***@camera:554/1")]
    [InlineData("rtspsrc location=rtsp://camera/1 user-id=me user-pw=\"my secret\" ! decodebin", "rtspsrc location=rtsp://camera/1 user-id=*** user-pw=*** ! decodebin")]
    [InlineData("rtsp://camera/1?mail=a@b", "rtsp://camera/1?mail=a@b")]
    [InlineData("rtsp://camera:554/1?mail=a@b is away", "rtsp://camera:554/1?mail=a@b is away")]
    [InlineData("got 'rtsp://me:s#c@cam/1'", "got 'rtsp://***@cam/1'")]
    [InlineData("got 'rtsp://me:s/c@cam/1'", "got 'rtsp://***@cam/1'")]
    [InlineData("got 'rtsp://me:12/3@cam/1'", "got 'rtsp://***@cam/1'")]
    [InlineData("got 'rtsp://me:s?c@cam/1'", "got 'rtsp://***@cam/1'")]
    [InlineData("got 'rtsp://me:s:c@d@cam/1' and no more", "got 'rtsp://***@cam/1' and no more")]
    [InlineData("rtsp://cam/x?user=me&password=s3cret&channel=1", "rtsp://cam/x?user=***&password=***&channel=1")]
    [InlineData("rtsp://cam/user=me&password=s3cret&channel=1 is away", "rtsp://cam/user=***&password=***&channel=1 is away")]
    [InlineData("http://cam/cgi?Usr=me&PWD=s3/cret;x", "http://cam/cgi?Usr=***&PWD=***")]
    [InlineData("http://cam/cgi?token=abc#1", "http://cam/cgi?token=***")]
    [InlineData("got 'rtsp://me:12?3@cam/1'", "got 'rtsp://***@cam/1'")]
    [InlineData("got 'rtsp://me:12/3?4@cam/1'", "got 'rtsp://***@cam/1'")]
    [InlineData("got 'rtsp://me:my s3cret@cam/1'", "got 'rtsp://***@cam/1'")]
    [InlineData("got 'rtsp://me:s\"3cret@cam/1'", "got 'rtsp://***@cam/1'")]
    [InlineData("rtsp://cam:554 is away, ask me@plant", "rtsp://cam:554 is away, ask me@plant")]
    [InlineData("rtsp://cam:554/1 is away, ask me@plant", "rtsp://cam:554/1 is away, ask me@plant")]
    [InlineData("http://cam/videostream.cgi?loginuse=me&loginpas=s3cret", "http://cam/videostream.cgi?loginuse=***&loginpas=***")]
    [InlineData("rtsp://cam:554/user=me_password=s3cret_channel=1_stream=0.sdp", "rtsp://cam:554/user=***")]
    [InlineData("rtspsrc location=rtsp://cam/1 user-pw='my s3cret' ! decodebin", "rtspsrc location=rtsp://cam/1 user-pw=*** ! decodebin")]
    [InlineData("rtspsrc location=rtsp://cam/1 user_id=me user_pw=s3cret ! decodebin", "rtspsrc location=rtsp://cam/1 user_id=*** user_pw=*** ! decodebin")]
    [InlineData("rtspsrc user-pw=\"my \\\"s3cret\\\"\" location=rtsp://cam/1", "rtspsrc user-pw=*** location=rtsp://cam/1")]
    [InlineData("rtspsrc user-pw=\"my s3cret", "rtspsrc user-pw=***")]
    public void A_message_loses_user_names_and_passwords_and_nothing_else(string text, string masked) => Assert.Equal(masked, Credentials.Masked(text));

    [Theory]
    [InlineData("rtsp://me:secret@camera:8554/a%20b?c=d%2Fe", "rtsp://camera:8554/a%20b?c=d%2Fe")]
    [InlineData("http://me@camera/1", "http://camera/1")]
    [InlineData("http://camera/1", "http://camera/1")]
    public void An_address_loses_its_user_and_stays_as_it_is_otherwise(string address, string without) => Assert.Equal(without, Credentials.Without(new Uri(address)).AbsoluteUri);

    [Theory]
    [InlineData("rtsp://me:p%40ss%3Aw%20rd@camera/1", "me", "p@ss:w rd")]
    [InlineData("rtsp://me:a:b@camera/1", "me", "a:b")]
    [InlineData("rtsp://me@camera/1", "me", "")]
    public void A_user_name_and_a_password_are_read_without_their_percent_signs(string address, string user, string password) =>
        Assert.Equal((user, password), Credentials.In(new Uri(address)));
}
