using System.CommandLine;
using MrfAd.Agent.Commands;

var root = new RootCommand("Inspects parts on a line: learns from good parts, judges camera frames, reports over MQTT.")
{
};

return await CommandRunner.RunAsync(root, args);
