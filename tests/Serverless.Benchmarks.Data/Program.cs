using Serverless.Benchmarks.Data;

if (Settings.Of(args) is not { } settings)
{
    Console.Error.WriteLine(Settings.Usage);
    return 2;
}

using var page = new Page(settings);
using var ours = new Bench(settings.Program, isDvc: false, settings.IsSmall);
using var dvc = settings.Dvc is { } program ? new Bench(program, isDvc: true, settings.IsSmall) : null;
var failed = 0;
foreach (var row in ((Row[])[.. LocalRows.All, .. PipelineRows.All, .. RemoteRows.All(settings.Remote)]).Where(settings.IsMeant))
{
    // A row that fails is told and passed over: what takes twenty minutes does not lose the rest for it.
    try
    {
        var measured = row.Measure(ours);
        page.Add(row, measured, row.IsSlow || dvc is null ? null : row.Measure(dvc));
    }
    catch (Exception e) when (e is InvalidOperationException or IOException)
    {
        failed++;
        page.Fail(row, e.Message);
    }
    finally
    {
        ours.Clear();
        dvc?.Clear();
    }
}

return failed == 0 ? 0 : 1;
