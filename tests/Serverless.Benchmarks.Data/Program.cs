using Serverless.Benchmarks.Data;

// Arguments: the published `mlops`, then the page to write (none: standard output), then words that rows must hold (none: all but the slow ones).
if (args.Length == 0)
{
    Console.Error.WriteLine("Serverless.Benchmarks.Data PUBLISHED-MLOPS [PAGE] [WORD…]");
    return 2;
}

Row[] all = [.. LocalRows.All, .. PipelineRows.All, .. RemoteRows.All];
var words = args.Skip(2).ToList();
var rows = all.Where(r => words.Count == 0 ? !r.IsSlow : words.Exists(w => r.What.Contains(w, StringComparison.Ordinal))).ToList();
using var bench = new Bench(Path.GetFullPath(args[0]));
var page = Page.Of(rows.Select(r =>
{
    Console.Error.WriteLine(r.What);
    return (r, r.Measure(bench));
}));
if (args.Length > 1 && args[1] != "-")
{
    File.WriteAllText(args[1], page);
}
else
{
    Console.Out.Write(page);
}

return 0;
