using Serverless.Local;

return await CommandLine.RunAsync(args).ConfigureAwait(false);
