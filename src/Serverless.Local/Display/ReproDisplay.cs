using Serverless.Data.Values;
using Serverless.Dvc.Repro;

namespace Serverless.Local.Display;

/// <summary>Displays the progress of `repro`: DVC's own lines, and the reasons.</summary>
/// <param name="asJson">True to write the lines to standard error and the result as JSON to standard output.</param>
/// <param name="isQuiet">True to write only errors.</param>
/// <param name="isParallel">True to prefix a command's lines with its stage, because several stages write at once.</param>
internal sealed class ReproDisplay(bool asJson, bool isQuiet, bool isParallel)
{
    private readonly Lock turn = new();

    public void Tell(ReproEvent told)
    {
        lock (turn)
        {
            switch (told)
            {
                case ReproEvent.Unchanged unchanged:
                    Write(unchanged.IsData ? $"'{told.Stage}' didn't change, skipping" : $"Stage '{told.Stage}' didn't change, skipping");
                    break;
                case ReproEvent.Changed changed:
                    Write($"Stage '{told.Stage}': {string.Join("; ", changed.Why)}");
                    break;
                case ReproEvent.Running:
                    Write($"Running stage '{told.Stage}':");
                    break;
                case ReproEvent.Command command:
                    Write($"{Mark(told)}> {command.Line}");
                    break;
                case ReproEvent.Output output when !isQuiet:
                    (output.IsError || asJson ? Console.Error : Console.Out).WriteLine(Mark(told) + output.Line);
                    break;
                case ReproEvent.Restored restored:
                    Write($"Stage '{told.Stage}' is cached - skipping run, checking out outputs");
                    Write($"  from {restored.From}");
                    break;
                case ReproEvent.Verifying verifying:
                    Write(
                        verifying.IsFrozen
                            ? $"Verifying outputs in frozen stage: '{told.Stage}'"
                            : $"Verifying data sources in stage: '{told.Stage}'"
                    );
                    break;
                case ReproEvent.Failed failed:
                    Console.Error.WriteLine($"Stage '{told.Stage}' failed: {failed.Error.Message}{(failed.IsIgnored ? " (ignored)" : "")}");
                    break;
                case ReproEvent.Skipping skipping:
                    Console.Error.WriteLine(
                        $"{(skipping.Others.Count > 1 ? "Stages" : "Stage")} "
                            + $"{string.Join(", ", skipping.Others.Select(o => $"'{o}'"))} will be skipped due to this failure"
                    );
                    break;
                case ReproEvent.Done done:
                    Write($"Stage '{told.Stage}' done in {RunText.Time(done.Time)}");
                    break;
                case ReproEvent.Note note:
                    Write($"Stage '{told.Stage}': {note.Text}");
                    break;
            }
        }
    }

    public void End(ReproResult result)
    {
        if (asJson)
        {
            Console.Out.WriteLine(PythonJson.Dump(new DataList([.. result.Stages.Select(Json)])));
        }
        else if (result.Error is null)
        {
            Write(
                result.Reproduced.Count == 0
                    ? "Data and pipelines are up to date."
                    : "Use `mlops push` to send your updates to remote storage."
            );
        }
    }

    private static DataMap Json(StageReport report) =>
        DataValues.Map(
            ("stage", DataScalar.Text(report.Stage)),
            ("end", DataScalar.Text(report.End.ToString().ToLowerInvariant())),
            ("why", new DataList([.. report.Why.Select(w => (DataNode)DataScalar.Text(w))])),
            ("error", report.Error is { } error ? DataScalar.Text(error.Message) : null)
        );

    private string Mark(ReproEvent told) => isParallel ? $"[{told.Stage}] " : "";

    private void Write(string line)
    {
        if (!isQuiet)
        {
            (asJson ? Console.Error : Console.Out).WriteLine(line);
        }
    }
}
