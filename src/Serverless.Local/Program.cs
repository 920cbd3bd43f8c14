using Serverless.Local.Commands;

return await CommandLine.RunAsync(args);
