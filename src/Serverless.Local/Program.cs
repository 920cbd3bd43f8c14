using Serverless.Core.Columns;
using Serverless.Local.Commands;
using Serverless.Local.Hosting;

// Not a command for people: how this program reads files of others, so that it can end that.
if (args is [ParquetProbe.Verb, var file])
{
    return await ParquetProbe.ReadAsync(file);
}

ParquetProbe.Program = OwnProgram.Command();
return await CommandLine.RunAsync(args);
