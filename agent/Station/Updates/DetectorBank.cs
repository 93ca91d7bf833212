namespace MrfAd.Station.Updates;

/// <summary>The services that update, correct and test one detector.</summary>
public sealed record DetectorBank(StationBank Bank, BankStatus Status, BankPublisher Publisher, UpdateWorker Updates, CanaryMonitor Canary, CorrectionService Corrections, SelfTest SelfTest);
