using MrfAd.Agent.Commands;

return await CommandRunner.RunAsync(ProductCommand.Create(TimeProvider.System), args);
