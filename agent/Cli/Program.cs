using MrfAd.Cli;
using MrfAd.Cli.Commands;

var exitCode = await CommandRunner.RunAsync(ProductCommand.Create(TimeProvider.System), args);
ProcessEnd.Now(exitCode);
return exitCode;
