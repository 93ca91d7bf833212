using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Station.Reporting;

namespace MrfAd.Station.Tests.Reporting;

public sealed class VerdictEventsTests
{
    private readonly VerdictEvents _events = new(NullLogger<VerdictEvents>.Instance);

    [Theory]
    [InlineData("verdict")]
    [InlineData("images")]
    [InlineData("stored")]
    [InlineData("end")]
    public void A_subscriber_that_throws_ends_neither_the_caller_nor_the_subscribers_before_and_after_it(string kind)
    {
        var called = new List<string>();
        Subscribe(() => called.Add("before"));
        Subscribe(() => throw new InvalidOperationException("a page that is gone"));
        Subscribe(() => called.Add("after"));

        switch (kind)
        {
            case "verdict":
                _events.Report(Messages.Ng);
                break;
            case "images":
                _events.ReportImages(Messages.Ng, null!);
                break;
            case "stored":
                _events.StoreImages(Messages.Ng, null!);
                break;
            default:
                _events.End();
                break;
        }

        Assert.Equal(["before", "after"], called);

        void Subscribe(Action action)
        {
            switch (kind)
            {
                case "verdict":
                    _events.Reported += _ => action();
                    break;
                case "images":
                    _events.ImagesReported += (_, _) => action();
                    break;
                case "stored":
                    _events.ImagesStored += (_, _) => action();
                    break;
                default:
                    _events.Ended += action;
                    break;
            }
        }
    }
}
