using MrfAd.Cli.Commands;

return await CommandRunner.RunAsync(ProductCommand.Create(TimeProvider.System), args);
