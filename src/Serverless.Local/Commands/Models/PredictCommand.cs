using System.CommandLine;
using System.Globalization;
using Serverless.Core.Columns;
using Serverless.Local.Display;
using Serverless.Serving.Invocations;
using Serverless.Training.Models;

namespace Serverless.Local.Commands.Models;

internal static class PredictCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Registered model." };
        var file = new Argument<string>("file") { Description = "Rows to predict: a CSV or Parquet file." };
        var output = new Option<string?>("--output", "-o") { Description = "File to write. Omit for standard output." };
        var version = new Option<string?>("--model-version") { Description = "Model version. Omit for the version in Production." };
        var alias = new Option<string?>("--alias") { Description = "Use the version with this alias." };
        var command = new Command(
            "predict",
            "Predict the rows of a file with a registered model. Writes the rows with the predictions appended as columns, in the format "
                + "of the output's extension: CSV, TSV or Parquet. Nothing is logged."
        )
        {
            model,
            file,
            output,
            version,
            alias,
        }.WithExample("mlops predict churn customers.csv -o scored.csv\nmlops predict churn customers.csv --alias challenger");
        command.OnHost(
            async (host, parsed, cancellationToken) =>
            {
                var server = host.Workspaces.Get(host.Store.Workspace).Serving;
                var query = new VersionQuery(Alias: parsed.GetValue(alias), Version: parsed.GetValue(version));
                using var call = await server.BeginAsync(parsed.GetValue(model)!, query, server.Identify(null), cancellationToken);
                var frame = await ReadAsync(parsed.GetValue(file)!, call.Model, cancellationToken);
                var scored = call
                    .Model.Predict(ServingInput.Of(frame))
                    .Columns.SelectMany(c => FlatColumns.Of(c, frame.RowCount))
                    .Aggregate(frame, (all, column) => all.With(Named(column, all)));
                if (parsed.GetValue(output) is { } path)
                {
                    await ColumnWriter.WriteAsync(scored, path, cancellationToken);
                    Terminal.Tell(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"Predicted {scored.RowCount} rows with {call.Version.Name} version {call.Version.Version}. Written to {path}."
                        )
                    );
                }
                else
                {
                    await using var standard = Console.OpenStandardOutput();
                    CsvColumnWriter.Write(scored, standard, cancellationToken: cancellationToken);
                }

                return 0;
            }
        );
        return command;
    }

    /// <summary>The model's signature decides the type of a column. Without one, the values in the file do.</summary>
    private static async Task<ColumnFrame> ReadAsync(string path, IServedModel model, CancellationToken cancellationToken)
    {
        var frame = await ColumnReader.ReadAsync(path, cancellationToken: cancellationToken);
        var texts = model
            .Inputs.Where(i => i.Type == SignatureType.String && frame.TryGet(i.Name, out var c) && c.Type != ColumnType.Text)
            .ToDictionary(i => i.Name, _ => ColumnType.Text, StringComparer.Ordinal);
        return texts.Count == 0 ? frame : await ColumnReader.ReadAsync(path, new ColumnReaderOptions { Types = texts }, cancellationToken);
    }

    private static Column Named(Column prediction, ColumnFrame frame) =>
        frame.Contains(prediction.Name) ? prediction.Rename("predicted_" + prediction.Name) : prediction;
}
