namespace MrfAd.Station.Updates;

/// <summary>What updates, teaches and tests one detector.</summary>
public sealed record DetectorBank(StationBank Bank, BankStatus Status, BankPublisher Publisher, UpdateWorker Updates, CanaryMonitor Watching, CorrectionService Corrections, SelfTest SelfTest);
