namespace MrfAd.Station.Runtime;

/// <summary>The attributes of the station's spans, a public contract. Those without the prefix are OpenTelemetry's.</summary>
public static class SpanAttributes
{
    public const string VerdictId = "mrfad.verdict.id";

    public const string VerdictResult = "mrfad.verdict.result";

    public const string VerdictSeq = "mrfad.verdict.seq";

    public const string VerdictScore = "mrfad.verdict.score";

    public const string VerdictThreshold = "mrfad.verdict.threshold";

    public const string TriggerId = "mrfad.trigger.id";

    public const string TriggerSource = "mrfad.trigger.source";

    public const string CameraName = "mrfad.camera.name";

    public const string ProductName = "mrfad.product.name";

    public const string BankId = "mrfad.bank.id";

    public const string BankVersion = "mrfad.bank.version";

    public const string ErrorType = "error.type";

    public const string MessagingSystem = "messaging.system";

    public const string MessagingOperationName = "messaging.operation.name";

    public const string MessagingOperationType = "messaging.operation.type";

    public const string MessagingDestinationName = "messaging.destination.name";

    public const string MessagingMessageId = "messaging.message.id";
}
