namespace Serverless.Benchmarks.Data;

/// <summary>
/// Push and pull against a storage account: `AZURE_STORAGE_CONNECTION_STRING` and `BENCH_REMOTE` (`azure://container/prefix`) name it.
/// </summary>
internal static class RemoteRows
{
    private const int Files = 10_000;
    private const int Bytes = 10_000;
    private const double Share = 0.7;
    private const string PushedName = "pushed";

    public static IEnumerable<Row> All(string? remote) =>
        remote is null
            ? []
            :
            [
                new(
                    "`push` 10,000 files of 10 KB",
                    133,
                    93,
                    b =>
                    {
                        var folder = Tracked(b, remote);
                        var measured = b.Run(folder, "push", "-q");
                        b.Keep(PushedName, () => folder);
                        return measured;
                    }
                )
                {
                    OfDvc = Share,
                },
                new(
                    "`push` of nothing",
                    2.1,
                    0.5,
                    b =>
                    {
                        var folder = Pushed(b, remote);
                        return b.Best(5, () => b.Run(folder, "push", "-q"));
                    }
                ),
                new(
                    "`push` after one change of 10,000 files",
                    null,
                    1,
                    b =>
                    {
                        var folder = Pushed(b, remote);
                        return b.Best(
                            3,
                            () =>
                            {
                                File.WriteAllText(
                                    Directory.EnumerateFiles(Path.Combine(folder, "data", "000")).First(),
                                    Guid.CreateVersion7().ToString()
                                );
                                b.Run(folder, "add", "data", "-q");
                                return b.Run(folder, "push", "-q");
                            }
                        );
                    }
                ),
                new(
                    "`pull` 10,000 files of 10 KB",
                    167,
                    117,
                    b =>
                    {
                        var folder = Pushed(b, remote);
                        Directory.Delete(Path.Combine(folder, "data"), recursive: true);
                        Directory.Delete(Path.Combine(folder, ".dvc/cache"), recursive: true);
                        return b.Run(folder, "pull", "-q");
                    }
                )
                {
                    OfDvc = Share,
                },
            ];

    // Ten thousand files are sent once: the rows after the first go on from there.
    private static string Pushed(Bench bench, string remote) =>
        bench.Keep(
            PushedName,
            () =>
            {
                var folder = Tracked(bench, remote);
                bench.Run(folder, "push", "-q");
                return folder;
            }
        );

    private static string Tracked(Bench bench, string remote)
    {
        var folder = bench.Repository();
        Bench.Fill(Path.Combine(folder, "data"), bench.Count(Files), Bytes);
        bench.Run(folder, "add", "data", "-q");
        bench.Run(folder, "remote", "add", "-q", "-d", "bench", $"{remote}/{Guid.CreateVersion7():N}");
        return folder;
    }
}
